"""What people decided about hearing from the shop."""

from __future__ import annotations

from app.core.events import Event


class Unsubscribed(Event, frozen=True, kw_only=True):
    """Someone wants no more of `scope` (`marketing`) by `channel`. What is scheduled for them
    must not leave."""

    channel: str
    scope: str


class Suppressed(Event, frozen=True, kw_only=True):
    """An address gets nothing of `scope` (`marketing` or `all`) by `channel` any more, because of
    `reason` (`hard_bounce`, `soft_bounces`, `complaint`, …)."""

    channel: str
    reason: str
    scope: str = "all"
    suppression_id: int | None = None
