"""Bells of the thank-you room."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.tenancy import every_shop
from app.thankyou import service


def prune() -> None:
    """Forget pages whose orders never came, shop by shop."""
    for shop_id in every_shop():
        with unit_of_work(shop_id) as session:
            service.prune(session)
