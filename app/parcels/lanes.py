"""How long parcels take, learnt from a shop's own. Pure.

A lane is a carrier and a place. What few parcels say about a lane is drawn towards what the wider
lane says, and that towards the default: the mean of a Dirichlet-multinomial posterior with
`WEIGHT` parcels' worth of prior (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.4). A
lane of `n` parcels so speaks with n / (n + WEIGHT) of the voice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

Counts = Mapping[int, float]

#: How many parcels the wider lane is worth.
WEIGHT = 8
#: The window holds four parcels of five.
EARLY, LATE = 0.1, 0.9
#: Days on the way abroad that nobody has taught us yet; at home the shop names them itself.
TRANSIT_ABROAD = (5, 14)
#: How much longer something late takes, in days from now.
REST, REST_ABROAD = (1, 3), (3, 10)
#: So many parcels that took this long have to be known before they say how long it still takes.
ENOUGH = 5
#: Why an expected day was said: on the order, on shipping, by the carrier's estimate or report, and
#: by our own noticing.
REASONS = ("ordered", "shipped", "carrier", "delayed", "stalled", "overdue")


class Span(NamedTuple):
    """From how many days to how many."""

    first: int
    last: int


class Statement(NamedTuple):
    """Something said about the expected day at a moment, and why."""

    at: datetime
    first: date
    last: date
    reason: str


def region(address: Mapping[str, object] | None, home: str | None) -> tuple[str, ...]:
    """The places of an address, the widest first: the country, and at home the prefecture or
    province, too. Without an address it goes home."""
    given = address or {}
    country = str(given.get("country_code") or home or "")
    province = str(given.get("province") or "").strip()
    return (country, f"{country}/{province}") if province and country == home else (country,)


def window(default: tuple[int, int], levels: Iterable[Counts]) -> Span:
    """The days that four parcels of five take. `levels` are the counts of lanes, the widest first;
    without any the default comes out."""
    first, last = default
    spread: Counts = dict.fromkeys(range(first, last + 1), 1 / (last - first + 1))
    for counts in levels:
        spread = _updated(spread, counts)
    return Span(_quantile(spread, EARLY), _quantile(spread, LATE))


def rest(default: tuple[int, int], counts: Counts, age: int) -> Span:
    """How many more days a parcel needs that has been on its way for `age` days: what became of
    others that took longer than that, if enough are known."""
    longer = {day - age: n for day, n in counts.items() if day > age}
    total = sum(longer.values())
    if total < ENOUGH:
        return Span(*default)
    spread = {day: n / total for day, n in longer.items()}
    return Span(_quantile(spread, 0.5), _quantile(spread, LATE))


def newest(said: Iterable[Statement]) -> Statement:
    """What counts of all that was said: the latest word."""
    return max(said, key=lambda one: one.at)


def later(at: date, span: Span, reason: str, moment: datetime) -> Statement:
    """The new days of something that is late, from the day on which that was known."""
    return Statement(
        moment, at + timedelta(days=span.first), at + timedelta(days=span.last), reason
    )


def _updated(spread: Counts, counts: Counts) -> Counts:
    total = sum(counts.values()) + WEIGHT
    days = {*spread, *counts}
    return {day: (WEIGHT * spread.get(day, 0) + counts.get(day, 0)) / total for day in days}


def _quantile(spread: Counts, share: float) -> int:
    reached = 0.0
    for day in sorted(spread):
        reached += spread[day]
        # A hair less, so that adding up fractions does not decide.
        if reached >= share - 1e-9:
            return day
    return max(spread)
