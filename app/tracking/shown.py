"""One parcel as the tracking page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import show_date, show_range
from app.mirror import queries as mirror
from app.mirror.model import FulfillmentEvent, Order
from app.parcels import cases, due
from app.parcels.carriers import (
    carrier,
    carrier_name,
    change_url,
    redelivery_url,
    show_number,
    show_slot,
)
from app.parcels.expectations import NOTICED
from app.parcels.model import Parcel, ParcelExpectation
from app.parcels.rules import PATH, REPORTS
from app.parcels.wishes import wish
from app.shops.service import shop
from app.tracking.surroundings import Goods, Item

#: In these states a carrier may still take another day.
MOVABLE = frozenset({"shipped", "in_transit", "exception"})
#: In these it is on its way, whatever was before.
MOVING = frozenset({"shipped", "in_transit", "out_for_delivery"})


@dataclass(frozen=True)
class Report:
    """One scan in the parcel's history: local time, one of `REPORTS`, the place if known."""

    at: datetime
    state: str
    place: str


@dataclass(frozen=True)
class Change:
    """What was promised first, and why it is another day now (one of `lanes.REASONS`)."""

    before: str
    reason: str


@dataclass(frozen=True)
class ShownParcel:
    """One parcel. `reached` is how many of `PATH` it has passed; `movable` that the carrier may
    still take another day, on the page `change` where it has one for that; `today` that it left for
    its buyer's door today; `late` that its expected days are over and nobody has said that it
    arrived, `overdue` which they were; `delayed` that it moves again after a delay. `delivered` is
    the day the carrier reported; what nobody reported is told in the sentence `unreported`.
    `missing`: on which day its buyer told us that it is not there, in a sentence."""

    id: int
    state: str
    inferred: bool
    trouble: str | None
    reached: int
    carrier: str | None
    number: str | None
    url: str | None
    redelivery: str | None
    movable: bool
    change: str | None
    expected: str | None
    changed: Change | None
    slot: str | None
    today: bool
    late: bool
    overdue: str | None
    delayed: bool
    delivered: str | None
    unreported: str | None
    missing: str | None
    items: list[Item]
    history: list[Report]


def shown_parcel(
    session: Session,
    parcel: Parcel,
    goods: Goods,
    known: list[ParcelExpectation],
    missed: date | None,
    language: str,
) -> ShownParcel:
    """A parcel with what is in it: `known` is what was said of the order's parcels and when they
    come, `missed` the day on which its buyer told us that it is not there."""
    zone = ZoneInfo(shop(session).timezone)
    contents = mirror.fulfillment(session, parcel.fulfillment_id).lines
    coming = parcel.state not in {"delivered", "returned"}
    days = due.days(session, parcel)
    over = is_over(session, days[1])
    # Who was not at home, or is to fetch it, says the day from now on.
    waits = parcel.state in {"attempted", "pickup"}
    awaited, late = coming and not over and not waits, over and coming and not waits
    scans = mirror.scans_of(session, parcel.fulfillment_id)
    by, number = parcel.carrier, parcel.tracking_number
    return ShownParcel(
        id=parcel.id,
        state=parcel.state,
        inferred=parcel.inferred,
        trouble=parcel.trouble,
        reached=_reached(parcel, missed),
        carrier=carrier_name(by, language),
        number=number and show_number(number, carrier(by)),
        url=parcel.tracking_url,
        redelivery=redelivery_url(by, number) if parcel.state == "attempted" else None,
        movable=parcel.state in MOVABLE,
        change=change_url(by, number) if parcel.state in MOVABLE else None,
        expected=show_days(days, language) if awaited else None,
        changed=_changed(parcel, days[1], known, language) if awaited else None,
        slot=slot_of(goods.order, language) if coming else None,
        today=due.comes_today(session, parcel),
        late=late,
        overdue=show_days(days, language) if late else None,
        delayed=parcel.state in MOVING and _was_delayed(parcel, known, scans),
        delivered=None if parcel.inferred else _day(parcel.delivered_at, zone, language),
        unreported=cases.unreported(session, parcel) if parcel.inferred else None,
        missing=cases.told_on(missed) if missed else None,
        items=goods.of(contents),
        history=_history(scans, zone, language),
    )


def _day(moment: datetime | None, zone: ZoneInfo, language: str) -> str | None:
    return show_date(moment.astimezone(zone).date(), language) if moment else None


def _history(scans: list[FulfillmentEvent], zone: ZoneInfo, language: str) -> list[Report]:
    """What the carrier said, the newest first."""
    return [
        Report(scan.happened_at.astimezone(zone), REPORTS[scan.status], _place(scan, language))
        for scan in reversed(scans)
        if scan.status in REPORTS
    ]


def _was_delayed(
    parcel: Parcel, known: list[ParcelExpectation], scans: list[FulfillmentEvent]
) -> bool:
    """Whether its buyer was told of a delay, by the carrier's word or because we noticed."""
    noticed = any(one.parcel_id == parcel.id and one.reason in NOTICED for one in known)
    return noticed or any(REPORTS.get(scan.status) == "exception" for scan in scans)


def _changed(
    parcel: Parcel, last: date | None, known: list[ParcelExpectation], language: str
) -> Change | None:
    """What was promised before, when it comes later than that."""
    mine = [one for one in known if one.parcel_id in (None, parcel.id)]
    if not mine or last is None or last <= mine[0].last:
        return None
    return Change(show_range(mine[0].first, mine[0].last, language), mine[-1].reason)


def slot_of(order: Order, language: str) -> str | None:
    """The time of day the buyer chose, in the carrier's words."""
    chosen = wish(order.note_attributes).slot
    return show_slot(chosen, language) if chosen else None


def _reached(parcel: Parcel, missed: date | None) -> int:
    if parcel.state in PATH and missed is None:
        return PATH.index(parcel.state) + 1
    # Trouble and waiting happen on the way: as far as it got before.
    by_the_record = missed is not None and not parcel.inferred
    return 3 if parcel.out_for_delivery_at or by_the_record else 2


def is_over(session: Session, last: date | None) -> bool:
    """Whether the last expected day is past where the shop is. An old promise is no news."""
    today = now(session).astimezone(ZoneInfo(shop(session).timezone)).date()
    return last is not None and last < today


def show_days(days: tuple[date | None, date | None], language: str) -> str | None:
    """Expected days in words; None without any."""
    first, last = days
    return show_range(first, last, language) if first and last else None


def _place(scan: FulfillmentEvent, language: str) -> str:
    """`東京都 渋谷区` big to small, or `Shibuya, Tokyo`."""
    parts = [part for part in (scan.province, scan.city) if part]
    return " ".join(parts) if language == "ja" else ", ".join(reversed(parts))
