"""The inbox's bells."""

from __future__ import annotations

from app.core.claim import drain as drain_table
from app.core.claim import has_due, sweep
from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.core.tenancy import every_shop
from app.inbox import service
from app.inbox.model import Webhook


def drain() -> None:
    """Handle the webhooks that came in; what is left after the batch rings again."""
    drain_table(Webhook, service.handle)
    if has_due(Webhook):
        ring_now("inbox.drain")


def give_back() -> None:
    """Return webhooks whose worker died to the queue."""
    if sweep(Webhook):
        ring_now("inbox.drain")


def prune() -> None:
    """Delete old webhooks, shop by shop."""
    for shop_id in every_shop():
        with unit_of_work(shop_id) as session:
            service.prune(session)
