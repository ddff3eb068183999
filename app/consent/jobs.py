"""Bells of the consent room."""

from __future__ import annotations

from app.consent.model import Hold
from app.consent.service import holds
from app.core.claim import drain, sweep


def end_holds() -> None:
    """Release whoever wanted a rest until now."""
    drain(Hold, holds.end)


def give_back_lost() -> None:
    """Rows whose worker died are due again."""
    sweep(Hold)
