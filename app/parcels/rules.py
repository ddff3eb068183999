"""Pure decisions about parcels: their state from the carrier's scans, and the expected day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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

#: What a parcel passes on its way, for the line of steps on the tracking page.
PATH = ("shipped", "in_transit", "out_for_delivery", "delivered")


@dataclass(frozen=True)
class Scan:
    """One report of the carrier, reduced to what decides."""

    status: str
    at: datetime


@dataclass(frozen=True)
class ParcelState:
    """Where a parcel is, since when, and the moments that anchor journeys."""

    state: str
    since: datetime
    out_for_delivery_at: datetime | None
    delivered_at: datetime | None


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
    return ParcelState(STATES[known[-1].status], known[-1].at, out, None)


#: In these states a parcel may have arrived without a word. Somebody who was not in, a parcel that
#: waits at a counter, a delay: each is a word, and nothing is inferred from it.
SILENT = frozenset({"shipped", "in_transit", "out_for_delivery"})
#: How many days after the last expected one, and after the carrier's last word, silence is taken
#: for a delivery. At home a parcel that is two days late is rare, and a late one has been scanned
#: meanwhile; customs and foreign posts keep silent for weeks.
SILENCE_DAYS, SILENCE_DAYS_ABROAD = 2, 14
#: The hour of that day: what follows a delivery is fit to be read then.
SILENCE_ENDS = time(9)


def taken_as_delivered_at(
    found: ParcelState, expected_to: date, zone: str, *, abroad: bool
) -> datetime | None:
    """When a parcel that is not heard of any more counts as delivered: in the morning after the
    days of silence; None in a state that says otherwise."""
    if found.state not in SILENT:
        return None
    tz = ZoneInfo(zone)
    last = max(expected_to, found.since.astimezone(tz).date())
    days = SILENCE_DAYS_ABROAD if abroad else SILENCE_DAYS
    return datetime.combine(last + timedelta(days=days + 1), SILENCE_ENDS, tz).astimezone(UTC)


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
    in the shop's zone, counts as ordered the next day. Weekdays count from Monday, 0."""

    ready: tuple[int, int] = (1, 2)
    transit: tuple[int, int] = (1, 2)
    cut_off: time | None = None
    closed_weekdays: frozenset[int] = frozenset({5, 6})
    holidays: bool = True
    seasons: frozenset[str] = frozenset()
    closures: tuple[tuple[date, date], ...] = ()


#: A shop that is never open promises nothing; after so many days the search for one ends.
LONGEST_CLOSURE = 400


def is_open(day: date, country: str | None, promise: Promise) -> bool:
    """Whether the shop works on a day."""
    if day.weekday() in promise.closed_weekdays:
        return False
    if promise.holidays and country and day in country_holidays(country):
        return False
    if any(_in_season(day, *SEASONS[name]) for name in promise.seasons):
        return False
    return not any(first <= day <= last for first, last in promise.closures)


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
    first, last = ships_between(placed_at, zone, country, promise)
    return (
        first + timedelta(days=promise.transit[0]),
        last + timedelta(days=promise.transit[1]),
    )


def expected_after_shipping(
    shipped_at: datetime, zone: str, promise: Promise, estimate: datetime | None = None
) -> tuple[date, date]:
    """The expected days of a parcel on its way: the carrier's estimate when it gave one."""
    tz = ZoneInfo(zone)
    if estimate is not None:
        day = estimate.astimezone(tz).date()
        return day, day
    shipped = shipped_at.astimezone(tz).date()
    return (
        shipped + timedelta(days=promise.transit[0]),
        shipped + timedelta(days=promise.transit[1]),
    )
