"""What people decided about hearing from the shop."""

from __future__ import annotations

from datetime import datetime

from app.core.events import Event


class Unsubscribed(Event, frozen=True, kw_only=True):
    """Someone wants no more of `scope` (`marketing`) by `channel`. What is scheduled for them
    must not leave."""

    channel: str
    scope: str


class Subscribed(Event, frozen=True, kw_only=True):
    """Someone agreed to `scope` (`marketing`) by `channel`."""

    channel: str
    scope: str


class ConfirmationAsked(Event, frozen=True, kw_only=True):
    """A consent waits for a second click: a message with the link has to reach its address."""

    request_id: int


class BirthdayTold(Event, frozen=True, kw_only=True):
    """A person told us their birthday, or another one; it is asked for where it is needed."""


class Suppressed(Event, frozen=True, kw_only=True):
    """An address gets nothing of `scope` (`marketing` or `all`) by `channel` any more, because of
    `reason` (`hard_bounce`, `soft_bounces`, `complaint`, …)."""

    channel: str
    reason: str
    scope: str = "all"
    suppression_id: int | None = None


class Reinstated(Event, frozen=True, kw_only=True):
    """`staff` has let mail go to an address again that was suppressed for `reason`."""

    channel: str
    reason: str
    staff: str


class Held(Event, frozen=True, kw_only=True):
    """Everything that sells to this person waits: for the end of `reason`, or till `until`."""

    reason: str
    until: datetime | None = None


class Released(Event, frozen=True, kw_only=True):
    """One reason to wait is over. Others may still hold: ask `consent.queries.held`."""

    reason: str


class ChannelLinked(Event, frozen=True, kw_only=True):
    """A customer can be reached by `channel` from now on."""

    channel: str


class ChannelUnlinked(Event, frozen=True, kw_only=True):
    """A customer cannot be reached by `channel` any more; nothing may leave for them there."""

    channel: str
