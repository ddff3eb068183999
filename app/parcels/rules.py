"""Pure decisions about parcels: their state from the carrier's scans, and the expected day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

#: Shopify's FulfillmentEventStatus (lower case) → the state a shopper understands.
STATES = {
    "label_purchased": "shipped",
    "label_printed": "shipped",
    "confirmed": "shipped",
    "carrier_picked_up": "in_transit",
    "picked_up": "in_transit",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "attempted_delivery": "attempted",
    "ready_for_pickup": "pickup",
    "delayed": "exception",
    "failure": "exception",
    "delivered": "delivered",
}

#: The same in a list of scans, where taking a parcel over and moving it are two things.
REPORTS = {**STATES, "carrier_picked_up": "accepted"}

#: Scans by which a carrier shows that it reports what it does with a parcel.
MOVING = frozenset({"in_transit", "out_for_delivery", "attempted", "pickup"})

#: What a parcel passes on its way, for the line of steps on the tracking page.
PATH = ("shipped", "in_transit", "out_for_delivery", "delivered")


@dataclass(frozen=True)
class Scan:
    """One report of the carrier, reduced to what decides."""

    status: str
    at: datetime


@dataclass(frozen=True)
class ParcelState:
    """Where a parcel is, since when, and the moments that anchor journeys. `moving` says that the
    carrier has reported on it since taking it over."""

    state: str
    since: datetime
    out_for_delivery_at: datetime | None
    delivered_at: datetime | None
    moving: bool = False


def state_of(shipped_at: datetime, scans: Iterable[Scan]) -> ParcelState:
    """The state from all scans, whatever the order they came in: the latest scan counts, and
    nothing comes after a delivery. Unknown statuses are passed over."""
    known = sorted((scan for scan in scans if scan.status in STATES), key=lambda scan: scan.at)
    delivered = next((scan.at for scan in known if scan.status == "delivered"), None)
    out = next((scan.at for scan in known if scan.status == "out_for_delivery"), None)
    if delivered is not None:
        return ParcelState("delivered", delivered, out, delivered)
    if not known:
        return ParcelState("shipped", shipped_at, None, None)
    moving = any(REPORTS[scan.status] in MOVING for scan in known)
    return ParcelState(STATES[known[-1].status], known[-1].at, out, None, moving)


#: Days on which shops of Japan are usually closed, year by year: first and last, as month and day.
#: Public holidays among them are closed anyhow.
SEASONS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "new_year": ((12, 29), (1, 3)),
    "golden_week": ((4, 29), (5, 5)),
    "obon": ((8, 13), (8, 16)),
}


@dataclass(frozen=True)
class Promise:
    """How long a shop and its carrier need, in days: `ready` working days of the shop from the
    order to the hand-over, `transit` calendar days on the way. What is ordered from `cut_off` on,
    in the shop's zone, counts as ordered the next day. Weekdays count from Monday, 0. `chosen` is
    the day the buyer chose at the checkout, which outdoes everything."""

    ready: tuple[int, int] = (1, 2)
    transit: tuple[int, int] = (1, 2)
    cut_off: time | None = None
    closed_weekdays: frozenset[int] = frozenset({5, 6})
    holidays: bool = True
    seasons: frozenset[str] = frozenset()
    closures: tuple[tuple[date, date], ...] = ()
    chosen: date | None = None


#: A shop that is never open promises nothing; after so many days the search for one ends.
LONGEST_CLOSURE = 400


def is_open(day: date, country: str | None, promise: Promise) -> bool:
    """Whether the shop works on a day."""
    if day.weekday() in promise.closed_weekdays:
        return False
    if promise.holidays and country and day in _holidays(country, day.year):
        return False
    if any(_in_season(day, *SEASONS[name]) for name in promise.seasons):
        return False
    return not any(first <= day <= last for first, last in promise.closures)


@lru_cache(maxsize=1_024)
def _holidays(country: str, year: int) -> frozenset[date]:
    """A country's public holidays of a year: worked out once, which takes milliseconds."""
    return frozenset(country_holidays(country, years=year))


def _in_season(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    here = (day.month, day.day)
    return first <= here <= last if first <= last else here >= first or here <= last


def working_days_after(day: date, count: int, country: str | None, promise: Promise) -> date:
    """The `count`-th working day after `day`; with 0 that day itself, or the next working day."""
    left = count
    if left == 0:
        day -= timedelta(days=1)
        left = 1
    for _try in range(LONGEST_CLOSURE):
        day += timedelta(days=1)
        left -= is_open(day, country, promise)
        if left == 0:
            break
    return day


def counts_as_ordered(placed_at: datetime, zone: str, promise: Promise) -> date:
    """The day from which the working days count: after the cut-off it is the next one."""
    local = placed_at.astimezone(ZoneInfo(zone))
    late = promise.cut_off is not None and local.time() >= promise.cut_off
    return local.date() + timedelta(days=1) if late else local.date()


def ships_between(
    placed_at: datetime, zone: str, country: str | None, promise: Promise
) -> tuple[date, date]:
    """The first and last day on which the shop should hand the parcel over, in its own zone."""
    ordered = counts_as_ordered(placed_at, zone, promise)
    first, last = promise.ready
    return (
        working_days_after(ordered, first, country, promise),
        working_days_after(ordered, last, country, promise),
    )


def expected_dates(
    placed_at: datetime, zone: str, country: str | None, promise: Promise
) -> tuple[date, date]:
    """The first and last expected day of arrival for something not yet shipped."""
    if promise.chosen is not None:
        return promise.chosen, promise.chosen
    first, last = ships_between(placed_at, zone, country, promise)
    return (
        first + timedelta(days=promise.transit[0]),
        last + timedelta(days=promise.transit[1]),
    )


def expected_after_shipping(shipped_at: datetime, zone: str, promise: Promise) -> tuple[date, date]:
    """The expected days of a parcel on its way: the day the buyer chose, if it can be kept."""
    shipped = shipped_at.astimezone(ZoneInfo(zone)).date()
    if promise.chosen is not None and promise.chosen > shipped:
        return promise.chosen, promise.chosen
    return (
        shipped + timedelta(days=promise.transit[0]),
        shipped + timedelta(days=promise.transit[1]),
    )
