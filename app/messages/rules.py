"""The arbiter's decisions: when a message may reach a person. Pure: values in, value out.

Transactional messages go at once, at any hour. Service and marketing messages keep to the day
(8:00–21:00 where the reader lives) and to the hours their kind likes. Marketing messages to one
person lie at least a day apart and are at most two in any seven days; when two want the same
place, the one with the higher priority has it and the other moves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(8, 0), time(21, 0)
APART = timedelta(hours=24)
PER_WEEK, WEEK = 2, timedelta(days=7)
#: A marketing message that finds no place for so long is better left unsaid.
LONGEST_WAIT = timedelta(days=14)

QUIET_HOURS, FAVOURITE_HOUR = "quiet_hours", "favourite_hour"
CAP_PER_DAY, CAP_PER_WEEK = "cap_per_day", "cap_per_week"


@dataclass(frozen=True)
class Wish:
    """One message that wants a moment. `capped` ones are marketing; `jitter` is its own offset, so
    that not everyone's mail leaves on the dot; `slots` are the local hours its kind likes."""

    wanted: datetime
    zone: str
    at_once: bool = False
    capped: bool = False
    priority: int = 0
    slots: tuple[time, ...] = ()
    jitter: timedelta = timedelta(0)


@dataclass(frozen=True)
class Shift:
    """A message was moved, and why."""

    moved_from: datetime
    moved_to: datetime
    reason: str


@dataclass(frozen=True)
class Booked:
    """A marketing message this person has had or will have. A scheduled one can move."""

    id: int
    at: datetime
    wish: Wish | None = None


@dataclass(frozen=True)
class Plan:
    """The arbiter's word: the new message's moment (None: there is no place for it), the steps
    that led there, and the moves of others that had to yield (None: no place left for it)."""

    at: datetime | None
    shifts: tuple[Shift, ...] = ()
    yielding: tuple[tuple[Booked, datetime | None], ...] = ()


def jitter(key: str) -> timedelta:
    """One to twelve minutes, always the same for the same key."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return timedelta(seconds=60 + number % (11 * 60 + 1))


def is_day(moment: datetime, zone: str) -> bool:
    """Whether it is between 8:00 and 21:00 where the reader lives."""
    return DAY_BEGINS <= moment.astimezone(ZoneInfo(zone)).time() < DAY_ENDS


def next_opening(moment: datetime, wish: Wish) -> datetime:
    """The first moment from `moment` on at which this message may arrive."""
    if wish.at_once:
        return moment
    if not wish.slots and is_day(moment, wish.zone):
        soon = moment + wish.jitter
        if is_day(soon, wish.zone):
            return soon
    today = moment.astimezone(ZoneInfo(wish.zone)).date()
    # Zones have skipped a whole day, and a slot may lie in a skipped hour: look a few days ahead.
    for ahead in range(5):
        for slot in wish.slots or (DAY_BEGINS,):
            opening = _local(today + timedelta(days=ahead), slot, wish.zone) + wish.jitter
            if opening >= moment and is_day(opening, wish.zone):
                return opening
    raise ValueError(f"no hour of the day in {wish.zone}")


def _local(day: date, hour: time, zone: str) -> datetime:
    """A wall time as an instant: the first of two in autumn, the moment after the gap in spring."""
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def conflict(at: datetime, taken: Iterable[datetime]) -> tuple[str, datetime] | None:
    """Which cap a marketing message at `at` would break, and when to try next; None when none."""
    others = sorted(taken)
    near = [other for other in others if abs(other - at) < APART]
    if near:
        return CAP_PER_DAY, near[-1] + APART
    row = sorted([*others, at])
    for first, last in zip(row, row[PER_WEEK:], strict=False):
        if last - first < WEEK and first <= at <= last:
            blocked_by = first if first != at else row[row.index(at) + 1]
            return CAP_PER_WEEK, blocked_by + WEEK
    return None


def place(wish: Wish, now: datetime, taken: Sequence[datetime] = ()) -> Plan:
    """The first moment that suits the reader's day, the kind's hours and the caps."""
    start = max(wish.wanted, now)
    at = next_opening(start, wish)
    shifts = []
    if not wish.at_once and at - start > wish.jitter:
        reason = FAVOURITE_HOUR if is_day(start, wish.zone) else QUIET_HOURS
        shifts.append(Shift(start, at, reason))
    while wish.capped and (broken := conflict(at, taken)):
        reason, later = broken
        moved = next_opening(max(later, at + timedelta(minutes=1)), wish)
        shifts.append(Shift(at, moved, reason))
        at = moved
        if at - start > LONGEST_WAIT:
            return Plan(None)
    return Plan(at, tuple(shifts))


def arrange(wish: Wish, now: datetime, booked: Sequence[Booked]) -> Plan:
    """Place a message among what its reader already has coming. Scheduled messages of lower
    priority yield: they are placed anew around it, the more important ones first."""
    yielding = [other for other in booked if other.wish and other.wish.priority < wish.priority]
    taken = [other.at for other in booked if other not in yielding]
    plan = place(wish, now, taken)
    if plan.at is None or not wish.capped:
        return plan
    taken.append(plan.at)
    moves: list[tuple[Booked, datetime | None]] = []
    for other in sorted(yielding, key=lambda o: (-(o.wish.priority if o.wish else 0), o.at)):
        if other.wish and conflict(other.at, taken):
            moved = place(other.wish, max(now, other.at), taken).at
            moves.append((other, moved))
            taken.extend([moved] if moved else [])
        else:
            taken.append(other.at)
    return Plan(plan.at, plan.shifts, tuple(moves))


def is_late(due_at: datetime, now: datetime, longest: timedelta | None) -> bool:
    """Whether a message is so late that it is better left unsaid."""
    return longest is not None and now - due_at > longest
