"""Bells of the consent room."""

from __future__ import annotations

from app.consent.model import ConsentImport, Hold
from app.consent.service import holds, imports
from app.core.claim import drain, sweep
from app.core.db import unit_of_work
from app.core.tenancy import every_shop


def end_holds() -> None:
    """Release whoever wanted a rest until now."""
    drain(Hold, holds.end)


def work_off_imports() -> None:
    """Go on with the lists that merchants brought along, a batch of rows a transaction."""
    drain(ConsentImport, imports.work_off, limit=1)


def give_back_lost() -> None:
    """Rows whose worker died are due again."""
    sweep(Hold)
    sweep(ConsentImport)


def prune() -> None:
    """Forget uploads nobody started, and the names of bad rows, when their time is over."""
    for shop_id in every_shop():
        with unit_of_work(shop_id) as session:
            imports.prune(session)
