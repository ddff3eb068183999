"""What runs tell."""

from __future__ import annotations

from app.core.events import Event


class RunEntered(Event, frozen=True, kw_only=True):
    """A subject entered a journey."""

    run_id: int
    journey: str


class RunEnded(Event, frozen=True, kw_only=True):
    """A run is over; `reason` is a code that `journeys.queries.reason_text` explains."""

    run_id: int
    journey: str
    reason: str


class MuteChanged(Event, frozen=True, kw_only=True):
    """A member of staff (Shopify's number) wants a customer left in peace by a journey (`*`: by
    all of them), or took it back."""

    journey: str
    staff: str
    muted: bool
