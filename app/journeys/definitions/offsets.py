"""Spans of time as definitions write them: `3d`, `-1d`, `72h`, `30m`, `6mo`, `1y`."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

import msgspec

from app.core.locale import gettext as _

_OFFSET = re.compile(r"(-?)(\d{1,4})(d|h|mo|m|y)")
_FACTOR = re.compile(r"(\d{1,2}(?:\.\d{1,2})?) own_interval")
_SINCE = re.compile(r"(\d{1,4}(?:d|mo|y)) (\w+)")
MONTHS = {"mo": 1, "y": 12}
#: No journey waits longer for anything; with it the end of the calendar is out of reach.
LONGEST_DAYS = 3_660
_DAYS = {"d": 1, "mo": 30.5, "y": 366}


class Offset(msgspec.Struct, frozen=True):
    """Calendar months, calendar days, or an exact span; all but one of them are zero."""

    days: int = 0
    span: timedelta = timedelta(0)
    months: int = 0

    @property
    def backwards(self) -> bool:
        """Whether it lies before its anchor."""
        return self.days < 0 or self.months < 0 or self.span < timedelta(0)

    def plus(self, other: Offset) -> Offset:
        """Both spans together."""
        return Offset(self.days + other.days, self.span + other.span, self.months + other.months)

    def times(self, count: int) -> Offset:
        """The same span `count` times over."""
        return Offset(self.days * count, self.span * count, self.months * count)


class Floor(msgspec.Struct, frozen=True):
    """A moment before which a step does not come: so many of the customer's own intervals after
    the last order, or an offset after an anchor."""

    anchor: str = "last_order"
    intervals: float = 0.0
    offset: Offset = Offset()


@lru_cache(maxsize=1024)
def parse_offset(text: str) -> Offset:
    """`3d`, `-1d`, `72h`, `30m`, `6mo`, `1y`, at most ten years; raises ValueError on anything
    else."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ValueError(
            _("%(text)s is not an offset such as 3d, -1d, 72h, 6mo or 1y", text=repr(text))
        )
    count, unit = int(match[2]), match[3]
    if count * _DAYS.get(unit, 0) > LONGEST_DAYS:
        raise ValueError(_("%(text)s is longer than ten years", text=repr(text)))
    if match[1]:
        count = -count
    if unit in MONTHS:
        return Offset(months=count * MONTHS[unit])
    if unit == "d":
        return Offset(days=count)
    return Offset(span=timedelta(hours=count) if unit == "h" else timedelta(minutes=count))


@lru_cache(maxsize=1024)
def parse_floor(text: str) -> Floor:
    """`1.5 own_interval` or `90d last_order`; raises ValueError on anything else."""
    if match := _FACTOR.fullmatch(text):
        return Floor(intervals=float(match[1]))
    if match := _SINCE.fullmatch(text):
        return Floor(anchor=match[2], offset=parse_offset(match[1]))
    raise ValueError(
        _(
            "%(text)s is neither a number of own intervals (1.5 own_interval) nor a span after a "
            "moment (90d last_order)",
            text=repr(text),
        )
    )
