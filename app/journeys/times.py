"""Moments on people's calendars: shifted ones, seasons, birthdays. Pure."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.journeys.definitions import Offset

#: When a calendar day begins for messages (local time): the opening of the window in which mail
#: is welcome. The arbiter chooses the better hour of that day.
MORNING = time(8)

#: Where most people live south of the equator and summer is in January.
SOUTHERN = frozenset(
    [
        "AR",
        "AU",
        "BI",
        "BO",
        "BR",
        "BW",
        "CL",
        "CD",
        "FJ",
        "LS",
        "MG",
        "MU",
        "MW",
        "MZ",
        "NA",
        "NC",
        "NZ",
        "PE",
        "PF",
        "PG",
        "PY",
        "RE",
        "RW",
        "SZ",
        "TZ",
        "UY",
        "VU",
        "WS",
        "ZA",
        "ZM",
        "ZW",
    ]
)
#: Meteorological seasons of the north by their first month; the south is half a year on.
_SEASONS = {3: "spring", 6: "summer", 9: "autumn", 12: "winter"}
_OPPOSITE = {"spring": "autumn", "summer": "winter", "autumn": "spring", "winter": "summer"}

_BIRTHDAY = re.compile(r"(?:\d{4}\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def shifted(start: datetime, offset: Offset, zone: str) -> datetime:
    """`start` moved by an exact span, or to the morning of a date so many days or months away in
    `zone`. A month without that day ends earlier: 31 January and a month is 28 February."""
    if not offset.days and not offset.months:
        return start + offset.span if offset.span else start
    day = _local_day(start, zone)
    morning = _morning(day, offset.months, offset.days, zone)
    return morning + offset.span if offset.span else morning


@lru_cache(maxsize=16_384)
def _local_day(moment: datetime, zone: str) -> date:
    """Many steps count from one moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=16_384)
def _morning(day: date, months: int, days: int, zone: str) -> datetime:
    """People share their days: what one of them asks for is known for the next."""
    there = months_after(day, months) + timedelta(days=days)
    return datetime.combine(there, MORNING, ZoneInfo(zone)).astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months on, or the month's last day."""
    if not months:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def leap_day(birthday: datetime, offset: Offset, zone: str) -> timedelta:
    """What a birthday on 29 February needs besides, so many months on: a day where the 28th that
    stands for it in most years comes to a year that has the 29th."""
    there = months_after(_local_day(birthday, zone), offset.months)
    needed = (there.month, there.day) == (2, 28) and isleap(there.year)
    return timedelta(days=1) if needed else timedelta(0)


def season(day: date, country: str | None) -> str:
    """`spring`, `summer`, `autumn` or `winter` where the reader lives."""
    northern = _SEASONS[(day.month // 3 * 3) or 12]
    return _OPPOSITE[northern] if country in SOUTHERN else northern


def next_season(after: datetime, zone: str) -> datetime:
    """The first midnight of the next season in `zone`: a first of March, June, September or
    December, north and south of the equator alike."""
    tz = ZoneInfo(zone)
    day = after.astimezone(tz).date().replace(day=1)
    ahead = 3 - day.month % 3
    return datetime.combine(months_after(day, ahead), time(), tz)


def parse_birthday(text: str) -> tuple[int, int] | None:
    """Month and day of `05-17`, `5/17`, `1990-05-17` or `5月17日`; a year is never kept."""
    match = _BIRTHDAY.fullmatch(text.strip())
    if match is None:
        return None
    month, day = int(match[1]), int(match[2])
    # A leap year knows every day there is.
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
        return None
    return month, day


def next_birthday(after: datetime, zone: str, birthday: tuple[int, int]) -> datetime:
    """The first midnight of the next birthday after a moment; 29 February is the 28th in other
    years."""
    tz = ZoneInfo(zone)
    today = after.astimezone(tz).date()
    month, day = birthday
    for year in (today.year, today.year + 1):
        this = date(year, month, min(day, monthrange(year, month)[1]))
        if this > today:
            return datetime.combine(this, time(), tz)
    raise ValueError("every birthday comes round within a year")
