"""The arbiter's decisions: when a message may reach a person. Pure: values in, value out.

Transactional mail goes at once, at any hour. Everything else keeps to the hours of the day at which
its channel is welcome where the reader lives, and to the hours its kind likes. Marketing messages
to one person, whatever the channel, lie at least a day apart and are at most two in any seven days
(a shop may ask for fewer); when two want the same place, the one with the higher priority has it
and the other moves. There are days on which nothing that sells arrives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

#: When a reader's day begins and ends: for mail, and for what rings on a telephone and sells
#: (rules.md 2.3).
DAY = (time(8, 0), time(21, 0))
PHONE_DAY = (time(10, 0), time(20, 30))
WEEK = timedelta(days=7)
#: A marketing message that finds no place for so long is better left unsaid.
LONGEST_WAIT = timedelta(days=14)
#: Days (month, day) on which nothing that sells arrives, and on which nobody is asked why they
#: have not bought for so long.
NEW_YEAR = frozenset({(1, 1)})
TURN_OF_THE_YEAR = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
#: So many days on are looked through for an hour that suits: longer than any row of days off and
#: the way to the next weekend, and zones have skipped a whole day.
DAYS_AHEAD = 20
#: Friday to Sunday, and when an evening begins: promotional mail is read then (rules.md 2.3).
WEEKEND = frozenset({4, 5, 6})
EVENING = time(17)

QUIET_HOURS, FAVOURITE_HOUR, HOLIDAY = "quiet_hours", "favourite_hour", "holiday"
WEEKEND_EVENING = "weekend_evening"
CAP_PER_DAY, CAP_PER_WEEK = "cap_per_day", "cap_per_week"


@dataclass(frozen=True)
class Caps:
    """How much marketing one person gets: so many in any seven days, so far apart."""

    per_week: int = 2
    apart: timedelta = timedelta(hours=24)


#: For people who open nothing and buy nothing: less is more (features.md H3).
SELDOM = Caps(per_week=1, apart=WEEK)


class Wish(msgspec.Struct, frozen=True, gc=False):
    """One message that wants a moment. `capped` ones are marketing; `jitter` is its own offset, so
    that not everyone's mail leaves on the dot; `slots` are the local hours its kind likes; `day`
    is when its channel is welcome; `days_off` are days (month, day) on which it is not; `patience`
    is how long it looks for a place, None for as long as it takes. `weekend` is how long it had
    rather wait for an evening from Friday to Sunday, None when every day is as good; `weekdays` are
    those it keeps to, all of them when there is none."""

    wanted: datetime
    zone: str
    at_once: bool = False
    capped: bool = False
    priority: int = 0
    slots: tuple[time, ...] = ()
    jitter: timedelta = timedelta(0)
    day: tuple[time, time] = DAY
    days_off: frozenset[tuple[int, int]] = frozenset()
    patience: timedelta | None = LONGEST_WAIT
    weekend: timedelta | None = None
    weekdays: frozenset[int] = frozenset()


class Shift(msgspec.Struct, frozen=True, gc=False):
    """A message was moved, and why."""

    moved_from: datetime
    moved_to: datetime
    reason: str


class Booked(msgspec.Struct, frozen=True, gc=False):
    """A marketing message this person has had or will have. A scheduled one can move."""

    id: int
    at: datetime
    wish: Wish | None = None


class Plan(msgspec.Struct, frozen=True, gc=False):
    """The arbiter's word: the new message's moment (None: there is no place for it), the steps
    that led there, and the moves of others that had to yield (None: no place left for it)."""

    at: datetime | None
    shifts: tuple[Shift, ...] = ()
    yielding: tuple[tuple[Booked, datetime | None], ...] = ()


def jitter(key: str) -> timedelta:
    """One to twelve minutes, always the same for the same key."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return timedelta(seconds=60 + number % (11 * 60 + 1))


def is_day(moment: datetime, zone: str, day: tuple[time, time] = DAY) -> bool:
    """Whether it is between 8:00 and 21:00 (or another day's hours) where the reader lives."""
    return day[0] <= moment.astimezone(ZoneInfo(zone)).time() < day[1]


def is_welcome(moment: datetime, wish: Wish) -> bool:
    """Whether a message may arrive at this moment as far as hours and days go."""
    if wish.at_once:
        return True
    local, (opens, closes) = moment.astimezone(ZoneInfo(wish.zone)), wish.day
    return opens <= local.time() < closes and (local.month, local.day) not in wish.days_off


def next_opening(moment: datetime, wish: Wish) -> datetime:
    """The first moment from `moment` on at which this message may arrive."""
    if wish.at_once:
        return moment
    if not wish.slots and is_welcome(moment, wish):
        soon = moment + wish.jitter
        if is_welcome(soon, wish):
            return soon
    today = moment.astimezone(ZoneInfo(wish.zone)).date()
    for ahead in range(DAYS_AHEAD):
        day = today + timedelta(days=ahead) if ahead else today
        if wish.weekdays and day.weekday() not in wish.weekdays:
            continue
        for slot in wish.slots or (wish.day[0],):
            opening = instant(day, slot, wish.zone) + wish.jitter
            if opening >= moment and is_welcome(opening, wish):
                return opening
    raise ValueError(f"no hour of the day in {wish.zone}")


@lru_cache(maxsize=16_384)
def instant(day: date, hour: time, zone: str) -> datetime:
    """A wall time as an instant: the first of two in autumn, the next minute that exists in
    spring."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, hour)
    first = wall.replace(tzinfo=tz).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None) == wall:
        return first
    # In a gap the two readings of a wall time lie on either side of the moment the clock jumps.
    sooner, later = wall.replace(tzinfo=tz, fold=1).astimezone(UTC), first
    before = sooner.astimezone(tz).utcoffset()
    while later - sooner > timedelta(seconds=1):
        middle = sooner + (later - sooner) // 2
        if middle.astimezone(tz).utcoffset() == before:
            sooner = middle
        else:
            later = middle
    return later.replace(microsecond=0)


def conflict(
    at: datetime, taken: Iterable[datetime], caps: Caps = Caps()
) -> tuple[str, datetime] | None:
    """Which cap a marketing message at `at` would break, and when to try next; None when none."""
    others = sorted(taken)
    near = [other for other in others if abs(other - at) < caps.apart]
    if near:
        return CAP_PER_DAY, near[-1] + caps.apart
    row = sorted([*others, at])
    for first, last in zip(row, row[caps.per_week :], strict=False):
        if last - first < WEEK and first <= at <= last:
            blocked_by = first if first != at else row[row.index(at) + 1]
            return CAP_PER_WEEK, blocked_by + WEEK
    return None


def place(wish: Wish, now: datetime, taken: Sequence[datetime] = (), caps: Caps = Caps()) -> Plan:
    """The first moment that suits the reader's day, the kind's hours and the caps; an evening of
    the weekend where one is liked best and comes in time."""
    best = _on_a_weekend(wish)
    plan = _place(best, now, taken, caps) if best else None
    return plan if plan and plan.at is not None else _place(wish, now, taken, caps)


def _on_a_weekend(wish: Wish) -> Wish | None:
    """The same message on an evening from Friday to Sunday; None when it does not ask for one."""
    if wish.weekend is None:
        return None
    evenings = tuple(slot for slot in wish.slots if slot >= EVENING)
    if not evenings:
        return None
    return structs.replace(wish, slots=evenings, weekdays=WEEKEND, patience=wish.weekend)


def _place(wish: Wish, now: datetime, taken: Sequence[datetime], caps: Caps) -> Plan:
    start = max(wish.wanted, now)

    def in_time(moment: datetime) -> bool:
        return wish.patience is None or moment - start <= wish.patience

    at = next_opening(start, wish)
    shifts = []
    if not wish.at_once and at - start > wish.jitter:
        shifts.append(Shift(start, at, _why_not(start, wish)))
    while wish.capped and in_time(at) and (broken := conflict(at, taken, caps)):
        reason, later = broken
        moved = next_opening(max(later, at + timedelta(minutes=1)), wish)
        shifts.append(Shift(at, moved, reason))
        at = moved
    return Plan(at, tuple(shifts)) if in_time(at) else Plan(None)


def _why_not(moment: datetime, wish: Wish) -> str:
    if wish.weekdays:
        return WEEKEND_EVENING
    if is_welcome(moment, wish):
        return FAVOURITE_HOUR
    return HOLIDAY if is_day(moment, wish.zone, wish.day) else QUIET_HOURS


def arrange(
    wish: Wish,
    now: datetime,
    booked: Sequence[Booked],
    caps: Caps = Caps(),
    own: Callable[[Wish], Wish] = lambda wish: wish,
) -> Plan:
    """Place a message among what its reader already has coming. Scheduled messages of lower
    priority yield: they are placed anew around it, the more important ones first. `own` says how
    the reader likes what a message wishes for."""
    if not wish.capped:
        return place(wish, now)
    wish = own(wish)
    yielding, taken = [], []
    for other in booked:
        if other.wish and other.wish.priority < wish.priority:
            yielding.append(other)
        else:
            taken.append(other.at)
    plan = place(wish, now, taken, caps)
    if plan.at is None:
        return plan
    taken.append(plan.at)
    moves: list[tuple[Booked, datetime | None]] = []
    for other in sorted(yielding, key=lambda o: (-(o.wish.priority if o.wish else 0), o.at)):
        if other.wish and conflict(other.at, taken, caps):
            moved = place(own(other.wish), max(now, other.at), taken, caps).at
            moves.append((other, moved))
            taken.extend([moved] if moved else [])
        else:
            taken.append(other.at)
    return Plan(plan.at, plan.shifts, tuple(moves))


def is_late(due_at: datetime, now: datetime, longest: timedelta | None) -> bool:
    """Whether a message is so late that it is better left unsaid."""
    return longest is not None and now - due_at > longest


def is_distant(sent: int, clicked: int, *, bought: bool) -> bool:
    """Whether a person answers to nothing: at least five marketing messages in half a year, not a
    click of a person's among them and no order since. Opens say nothing (features.md H3)."""
    return sent >= 5 and clicked == 0 and not bought
