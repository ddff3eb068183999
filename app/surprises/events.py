"""What the draws tell."""

from __future__ import annotations

from app.core.events import Event


class SurpriseWon(Event, frozen=True, kw_only=True):
    """An order won a present: `what` is given, by `handover` (as the campaign says)."""

    win_id: int
    what: str
    handover: str


class PresentReady(Event, frozen=True, kw_only=True):
    """The code of a present that is told by a message has been made."""

    win_id: int
