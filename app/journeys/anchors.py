"""The moments that steps count from: only those are looked up that a definition names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.journal import queries as journal
from app.journeys import times
from app.journeys.definitions import Definition, parse_floor
from app.journeys.known import Known
from app.journeys.person import birthday_of
from app.mirror import queries as mirror
from app.parcels import expectations
from app.parcels import queries as parcels
from app.replenishment import service as replenishment

#: No row keeps a moment for these; the journal does.
PARCEL_NEWS = {"ParcelAttempted": "attempted", "ParcelDelayed": "delayed"}

Moments = dict[str, datetime | None]


def moments(known: Known, entered_at: datetime, *, with_hopes: bool = False) -> Moments:
    """The moments of a definition's anchors; None for what has not happened. `with_hopes` adds the
    expected days, which only forecasts look at."""
    wanted, delivered = _wanted(known.definition), _first(p.delivered_at for p in known.parcels)
    found: Moments = {
        "ordered": known.order.placed_at,
        "shipped": _first(parcel.shipped_at for parcel in known.parcels),
        "out_for_delivery": _first(parcel.out_for_delivery_at for parcel in known.parcels),
        "delivered": delivered,
    }
    if "paid" in wanted or known.digital:
        found["paid"] = _paid(known)
    # What is not shipped is there to be used once it is paid (rules.md ruling 4).
    found["received"] = found["paid"] if known.digital else delivered
    if wanted & set(PARCEL_NEWS.values()):
        found |= _news(known)
    if with_hopes or "expected_delivery" in wanted:
        found |= _expected(known)
    hoped = found.get("expected_delivery") if with_hopes else None
    return found | _of_person(known, wanted, entered_at, hoped)


def _wanted(definition: Definition) -> set[str]:
    floors = {parse_floor(step.not_before).anchor for step in definition.steps if step.not_before}
    return {step.anchor for step in definition.steps} | floors


def _of_person(
    known: Known, wanted: set[str], entered_at: datetime, hoped: datetime | None
) -> Moments:
    found: Moments = {}
    if "predicted_run_out" in wanted:
        found["predicted_run_out"] = _run_out(known, hoped)
    if wanted & {"first_order", "last_order"}:
        found["first_order"] = known.person.first_order_at
        found["last_order"] = known.person.last_order_at
    if "subscribed" in wanted:
        found["subscribed"] = known.subscription.since if known.subscription else None
    if "season" in wanted:
        found["season"] = times.next_season(entered_at, known.zone)
    if "birthday" in wanted and (day := birthday_of(known.session, known.order)):
        found["birthday"] = times.next_birthday(entered_at, known.zone, day)
    return found


def _first(found: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in found if moment), default=None)


def _paid(known: Known) -> datetime | None:
    """When the order was paid: when we were told so, or when it was placed."""
    if mirror.awaits_payment(known.order):
        return None
    if known.order.paid_on_delivery:
        # What is collected at the door is as good as paid when the order is placed.
        return known.order.placed_at
    for entry in journal.of_order(known.session, known.order.id):
        if entry.kind == "OrderPaid":
            return entry.occurred_at
    return known.order.placed_at


def _news(known: Known) -> Moments:
    ids = {parcel.id for parcel in known.parcels}
    found: Moments = dict.fromkeys(PARCEL_NEWS.values())
    for entry in journal.of_order(known.session, known.order.id):
        name = PARCEL_NEWS.get(entry.kind)
        if name and found[name] is None and entry.data.get("parcel_id") in ids:
            found[name] = entry.occurred_at
    return found


def _expected(known: Known) -> Moments:
    """The first day on which it should be handed over, and the first on which it should arrive."""
    if known.digital:
        return {}
    session, order = known.session, known.order
    zone = ZoneInfo(known.zone)
    ships, _ = parcels.ships(session, order)
    days = [parcel.expected_from for parcel in known.parcels if parcel.expected_from]
    arrives = min(days, default=None) or expectations.expected(session, order)[0]
    return {
        "expected_shipping": datetime.combine(ships, time(), zone),
        "expected_delivery": datetime.combine(arrives, time(), zone),
    }


def _run_out(known: Known, hoped: datetime | None) -> datetime | None:
    if known.line is None:
        return None
    arrives = hoped.date() if hoped else None
    day = replenishment.run_out(known.session, known.order.id, known.line, hoped=arrives)
    return datetime.combine(day, time(), ZoneInfo(known.zone)) if day else None
