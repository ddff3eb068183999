"""What a timeline is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from app.core.locale import show_date, show_time


@dataclass(frozen=True)
class Item:
    """One thing that happened or will. `tone` chooses its mark: `order`, `parcel`, `message`,
    `journey`, `offer`, `review`, `reorder`, `consent`. `state` is `done`, `skipped`, `failed`,
    `planned` (with a date), `expected` (with a likely one) or `waiting` (for something to happen).
    `facts` are machine-readable and stand in the page as `data-` attributes. `rank` orders what is
    expected on one day, of which nobody knows the hour, and what has no day."""

    tone: str
    state: str
    title: str
    at: datetime | None = None
    exact: bool = True
    details: list[str] = field(default_factory=list)
    link: str | None = None
    link_text: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    clock: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Day:
    """The items of one date in the shop's zone."""

    date: date
    label: str
    items: list[Item]


@dataclass(frozen=True)
class Timeline:
    """What is coming, nearest first, and what waits for something to happen; what happened, newest
    first. Both begin at now. `absent` says why a journey sends nothing for this order."""

    now: str
    future: list[Day]
    waiting: list[Item]
    past: list[Day]
    absent: list[str]


def by_day(
    items: Iterable[Item], zone: str, language: str, today: date, *, newest_first: bool = False
) -> list[Day]:
    """Items with a moment under their dates, in the order of time or against it."""
    tz = ZoneInfo(zone)
    ranked = sorted(
        ((item.at.astimezone(tz), number, item) for number, item in enumerate(items) if item.at),
        key=_place,
        reverse=newest_first,
    )
    return [
        Day(
            day,
            day_text(day, language, today),
            [_timed(item, zone, language) for _, _, item in rows],
        )
        for day, rows in groupby(ranked, key=lambda row: row[0].date())
    ]


def without_a_day(items: Iterable[Item]) -> list[Item]:
    """What waits for something to happen, in the order in which things happen."""
    return sorted((item for item in items if item.at is None), key=lambda item: item.rank)


def _place(row: tuple[datetime, int, Item]) -> tuple[date, bool, datetime | int, int]:
    """Within a day what has an hour comes by it, then what is only expected on that day."""
    at, number, item = row
    likely = item.state == "expected"
    return at.date(), likely, item.rank if likely else at, number


def day_text(day: date, language: str, today: date) -> str:
    """A date as people write it, with the year when it is not this one."""
    said = show_date(day, language)
    if day.year == today.year:
        return said
    return f"{day.year}年{said}" if language == "ja" else f"{said}, {day.year}"


def moment_text(moment: datetime, zone: str, language: str, today: date) -> str:
    """Date and time: `6月10日(火) 14:35`."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    return f"{day_text(day, language, today)} {show_time(moment, zone, language)}"


def _timed(item: Item, zone: str, language: str) -> Item:
    if not item.exact or item.at is None:
        return item
    return Item(**{**vars(item), "clock": show_time(item.at, zone, language)})
