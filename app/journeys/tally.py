"""What a dry run counts: messages by day and kind, what was moved and what was left out, and why.
Pure; a tally is what the dry run's row keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.journeys.simulate import CANCELLED, SENT, SKIPPED, TASK, Imagined, Told

#: Shifts because messages met, as opposed to those out of the night.
COLLISIONS = frozenset({"cap_per_day", "cap_per_week", "yielded"})

Counts = dict[str, int]


class Line(msgspec.Struct):
    """One journey's figures. `begun` counts everything that entered it, `entered` what came as far
    as a step, `ahead` what had its first message still before it at the end; `reasons` say why
    messages were left out or called off."""

    begun: int = 0
    entered: int = 0
    sent: int = 0
    skipped: int = 0
    cancelled: int = 0
    moved: int = 0
    tasks: int = 0
    expected: int = 0
    ahead: int = 0
    reasons: Counts = msgspec.field(default_factory=dict)


#: The figures of a line that simply add up.
NUMBERS = tuple(name for name in Line.__struct_fields__ if name != "reasons")


class Tally(msgspec.Struct):
    """All figures. `days` counts what was sent by date (in the shop's zone) and kind, `skipped`,
    `cancelled` and `refused` by reason, `moved` by the arbiter's reason, `most` the marketing
    messages of the person who got the most in any seven days."""

    people: int = 0
    orders: int = 0
    reached: int = 0
    days: dict[str, Counts] = msgspec.field(default_factory=dict)
    journeys: dict[str, Line] = msgspec.field(default_factory=dict)
    channels: Counts = msgspec.field(default_factory=dict)
    skipped: Counts = msgspec.field(default_factory=dict)
    cancelled: Counts = msgspec.field(default_factory=dict)
    refused: dict[str, Counts] = msgspec.field(default_factory=dict)
    moved: Counts = msgspec.field(default_factory=dict)

    @property
    def sent(self) -> int:
        """All messages."""
        return sum(self.channels.values())

    @property
    def collisions(self) -> int:
        """Messages the arbiter moved because they met others."""
        return sum(number for reason, number in self.moved.items() if reason in COLLISIONS)

    @property
    def kinds(self) -> Counts:
        """What was sent by kind, the most frequent first."""
        found: Counter[str] = Counter()
        for counts in self.days.values():
            found.update(counts)
        return dict(found.most_common())


def load(kept: object) -> Tally:
    """A tally as a row keeps it."""
    return msgspec.convert(kept, Tally)


def count(tally: Tally, people: Iterable[Imagined], orders: int, zone: str, now: datetime) -> None:
    """Add what was imagined for some people up to `now`."""
    tz = ZoneInfo(zone)
    tally.orders += orders
    for imagined in people:
        tally.people += 1
        for told in imagined.told:
            _count_one(tally, told, now, tz)
        for ended in imagined.ended:
            if ended.course.refused:
                _up(tally.refused.setdefault(ended.course.definition.key, {}), ended.reason)
        for course in imagined.entered:
            _line(tally, course.definition.key).begun += 1
        for course in imagined.ahead:
            _line(tally, course.definition.key).ahead += 1
        entered = {(told.course.definition.key, told.course.subject) for told in imagined.told}
        for key, _subject in entered:
            _line(tally, key).entered += 1
        tally.reached += any(told.state == SENT and _left(told, now) for told in imagined.told)


def add(tally: Tally, more: Tally) -> None:
    """Add another tally's figures to one."""
    tally.people += more.people
    tally.orders += more.orders
    tally.reached += more.reached
    for name in ("channels", "skipped", "cancelled", "moved"):
        _add_counts(getattr(tally, name), getattr(more, name))
    for mine, others in ((tally.days, more.days), (tally.refused, more.refused)):
        for key, counts in others.items():
            _add_counts(mine.setdefault(key, {}), counts)
    for key, line in more.journeys.items():
        _add_line(_line(tally, key), line)


def _add_line(line: Line, more: Line) -> None:
    for name in NUMBERS:
        setattr(line, name, getattr(line, name) + getattr(more, name))
    _add_counts(line.reasons, more.reasons)


def _add_counts(counts: Counts, more: Counts) -> None:
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + number


def _left(told: Told, now: datetime) -> bool:
    return told.at is not None and told.at <= now


def _count_one(tally: Tally, told: Told, now: datetime, tz: ZoneInfo) -> None:
    line = _line(tally, told.course.definition.key)
    state, reason = told.outcome
    if state == SKIPPED:
        line.skipped += 1
        _up(tally.skipped, reason)
        _up(line.reasons, reason)
    elif state == CANCELLED:
        line.cancelled += 1
        _up(tally.cancelled, reason)
        _up(line.reasons, reason)
    elif told.state == TASK:
        line.tasks += 1
    elif told.state == SENT and told.at is not None and told.at <= now:
        line.sent += 1
        line.expected += told.expected
        _up(tally.channels, told.channel)
        _up(tally.days.setdefault(_day(told.at, tz).isoformat(), {}), told.step.message)
    if told.shifts:
        line.moved += any(shift.reason in COLLISIONS for shift in told.shifts)
        # A message that moves twice is one message: its last reason says why it is where it is.
        _up(tally.moved, told.shifts[-1].reason)


def _line(tally: Tally, key: str) -> Line:
    found = tally.journeys.get(key)
    if found is None:
        found = tally.journeys[key] = Line()
    return found


def _day(at: datetime, tz: ZoneInfo) -> date:
    return at.astimezone(tz).date()


def _up(counts: Counts, name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
