"""What decides about a message's moment besides its reader: its kind, its channel, its journey.
Pure: for messages that are to leave and for those that are only imagined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from app.messages import rules
from app.messages.kinds import MARKETING, TRANSACTIONAL, Kind

EMAIL, LINE = "email", "line"
#: Journeys that ask why somebody has not bought for so long.
WIN_BACK = "win-back"
#: When what sells likes to ring on a telephone (rules.md 2.3): after lunch has begun, and while the
#: evening's window is open.
PHONE_SLOTS = (time(12, 0), time(19, 30))
#: Requests for a review reach everyone in the end, however crowded the weeks are (rules.md RV-1).
REVIEWS = "reviews"


def wish(
    own: Kind, message_class: str, *, channel: str, journey: str, key: str, zone: str,
    wanted: datetime, weekends: bool = False,
) -> rules.Wish:  # fmt: skip
    """What a message of a kind wishes for. `key` names it, and spreads its minutes; `weekends` says
    whether promotional mail keeps to the evenings from Friday to Sunday."""
    selling = message_class == MARKETING
    urgent = message_class not in (MARKETING, "service")
    # What rings waits for the morning, unless it is such news that it goes without ringing.
    quiet = channel == LINE and own.urgent
    at_once = urgent and (channel == EMAIL or quiet or message_class != TRANSACTIONAL)
    rings = selling and channel != EMAIL
    return rules.Wish(
        wanted=wanted,
        zone=zone,
        at_once=at_once,
        capped=selling,
        priority=own.priority,
        slots=() if urgent else PHONE_SLOTS if rings and own.slots else own.slots,
        jitter=timedelta(0) if urgent else rules.jitter(key),
        day=rules.PHONE_DAY if rings else rules.DAY,
        days_off=_days_off(journey, own.name) if selling else frozenset(),
        patience=None if own.topic == REVIEWS else rules.LONGEST_WAIT,
        weekend=own.max_lateness if weekends and own.promotes and channel == EMAIL else None,
    )


def spread_by(journey: str, step: str, order_id: int | None, ids: Mapping[str, int]) -> str:
    """What names a journey's message when its minutes are spread: what it is about, which is known
    before there is a run. So what is imagined leaves in the minute in which it really does."""
    line, parcel = ids.get("line_id", ""), ids.get("parcel_id", "")
    return f"{journey}:{step}:{order_id}:{line}:{parcel}"


def longest_lateness(own: Kind) -> timedelta | None:
    """How late a kind may be before it is better left unsaid; None when it is always said."""
    return None if own.topic == REVIEWS else own.max_lateness


def _days_off(journey: str, kind: str) -> frozenset[tuple[int, int]]:
    apart = journey.startswith(WIN_BACK) or kind.startswith(WIN_BACK)
    return rules.TURN_OF_THE_YEAR if apart else rules.NEW_YEAR
