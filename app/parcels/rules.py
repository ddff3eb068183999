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


@dataclass(frozen=True)
class Promise:
    """How long a shop and its carrier need, in days: `ready` working days of the shop from the
    order to the hand-over, `transit` calendar days on the way."""

    ready: tuple[int, int] = (1, 2)
    transit: tuple[int, int] = (1, 2)


def working_days_after(day: date, count: int, country: str | None) -> date:
    """The `count`-th working day after `day`: no Saturday, no Sunday, no public holiday."""
    closed = country_holidays(country) if country else {}
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            count -= 1
    return day


def ships_between(
    placed_at: datetime, zone: str, country: str | None, promise: Promise
) -> tuple[date, date]:
    """The first and last day on which the shop should hand the parcel over, in its own zone."""
    ordered = placed_at.astimezone(ZoneInfo(zone)).date()
    first, last = promise.ready
    return (
        working_days_after(ordered, first, country),
        working_days_after(ordered, last, country),
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
