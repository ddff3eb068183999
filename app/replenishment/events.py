"""What people say about when they need more."""

from __future__ import annotations

from app.core.events import Event


class ReminderChosen(Event, frozen=True, kw_only=True):
    """A customer chose the day on which to be reminded of something they bought."""

    line_id: int
