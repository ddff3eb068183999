"""Messages by day as a picture: bars in a view box, drawn by the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.core.locale import show_number
from app.journeys.tally import Tally
from app.messages.kinds import MARKETING, SERVICE, TRANSACTIONAL, all_kinds

#: At the foot stand the dates, at the side the numbers.
WIDTH, HEIGHT, FOOT, SIDE = 900, 220, 22, 48
#: Stacked from the bottom.
CLASSES = (TRANSACTIONAL, SERVICE, MARKETING)


@dataclass(frozen=True)
class Bar:
    """A part of one day's bar, in the units of the view box."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    label: str


@dataclass(frozen=True)
class Day:
    """One day's figures: all, and by class."""

    day: date
    total: int
    by_class: dict[str, int]


@dataclass(frozen=True)
class Chart:
    """Bars, lines across with their numbers, and dates below."""

    bars: list[Bar]
    lines: list[tuple[float, int]]
    dates: list[tuple[float, date]]
    days: list[Day]
    width: int = WIDTH
    field: int = WIDTH - SIDE
    height: int = HEIGHT


def of(tally: Tally, first: date, last: date) -> Chart:
    """The chart of what would have been sent from one day to another."""
    days = [_day(tally, first + timedelta(days=n)) for n in range((last - first).days + 1)]
    top = _top(max((day.total for day in days), default=0))
    room = HEIGHT - FOOT - 8
    step = (WIDTH - SIDE) / max(len(days), 1)
    bars = []
    for number, day in enumerate(days):
        y = float(HEIGHT - FOOT)
        for tone in CLASSES:
            height = room * day.by_class[tone] / top
            y -= height
            if height:
                label = f"{day.day.isoformat()}: {show_number(day.by_class[tone])}"
                bars.append(Bar(number * step + 1, y, max(step - 2, 1), height, tone, label))
    lines = [(HEIGHT - FOOT - room * part / top, part) for part in (top // 2, top)]
    dates = [(number * step, day.day) for number, day in enumerate(days) if number % 14 == 0]
    return Chart(bars, lines, dates, [day for day in days if day.total])


def _day(tally: Tally, day: date) -> Day:
    counts = tally.days.get(day.isoformat(), {})
    by_class = dict.fromkeys(CLASSES, 0)
    for name, number in counts.items():
        kind = all_kinds().get(name)
        by_class[kind.message_class if kind else SERVICE] += number
    return Day(day, sum(by_class.values()), by_class)


def _top(most: int) -> int:
    """A round number that the highest bar stays under: 2, 4, 10, 20, 40, 100 …"""
    scale = 1
    while True:
        for digit in (2, 4, 10):
            if most <= digit * scale:
                return digit * scale
        scale *= 10
