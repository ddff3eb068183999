"""What is known about a run's subject: its moments, its flags, and whether it must stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal import queries as journal
from app.journeys import rules
from app.journeys.definitions import Definition
from app.journeys.model import JourneyRun, JourneySwitch
from app.messages import zones
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.parcels import queries as parcels
from app.parcels import rules as parcel_rules
from app.parcels import service as parcel_service
from app.parcels.model import Parcel
from app.replenishment import queries as lanes
from app.replenishment import service as replenishment
from app.shops.service import shop

#: A parcel keeps no moment for these on its row; the journal does.
NEWS = {"ParcelAttempted": "attempted", "ParcelDelayed": "delayed"}


@dataclass(frozen=True)
class _Known:
    """The rows a run's facts are read from."""

    session: Session
    definition: Definition
    order: Order
    lines: list[OrderLine]
    line: OrderLine | None
    parcels: list[Parcel]


def facts_of(
    session: Session, run: JourneyRun, definition: Definition, *, with_hopes: bool = False
) -> rules.Facts:
    """Everything `next_step` needs to know, read afresh. `with_hopes` adds the expected days,
    which only forecasts look at."""
    order = mirror.order(session, run.order_id or 0)
    lines = mirror.order_lines(session, order.id)
    line = next((one for one in lines if one.id == run.subject_ids.get("line_id")), None)
    known = _Known(session, definition, order, lines, line, _parcels(session, run, order))
    return rules.Facts(
        anchors=_anchors(known, with_hopes=with_hopes),
        flags=_flags(known),
        zone=zone_of(session, order),
        product_kind=_product_kind(session, line),
        delivery_days=_delivery_days(session, definition),
        exit=_exit(run, known),
        asked=has_asked(run),
    )


def _flags(known: _Known) -> frozenset[str]:
    """The conditions that hold."""
    digital, line = is_digital(known.lines), known.line
    found = {
        "digital": digital,
        "goods": not digital,
        "first_order": known.order.nth == 1,
        "gift": is_gift(known.order, known.lines),
        "paid": not mirror.awaits_payment(known.order),
        "shipped": any(parcel.shipped_at and not parcel.cancelled_at for parcel in known.parcels),
        "delivered": any(parcel.delivered_at for parcel in known.parcels),
        "inferred": any(parcel.delivered_at and parcel.inferred for parcel in known.parcels),
        "consumable": line is not None
        and "consumable" in known.definition.words
        and replenishment.consumable(known.session, line) is not None,
    }
    return frozenset(name for name, holds in found.items() if holds)


def has_asked(run: JourneyRun) -> bool:
    """Whether any of a run's messages was really to be sent."""
    return any(record["outcome"] == "composed" for record in run.steps.values())


def is_digital(lines: list[OrderLine]) -> bool:
    """Whether nothing of the order travels; what was refunded counts only when all of it was."""
    left = [line for line in lines if line.current_quantity > 0] or lines
    return not any(line.requires_shipping for line in left)


def is_gift(order: Order, lines: list[OrderLine]) -> bool:
    """Whether the order is for someone else."""
    attributes = [*order.note_attributes.items()]
    for line in lines:
        attributes += line.attributes.items()
    return rules.is_gift(
        [(str(key), str(value)) for key, value in attributes], [line.title for line in lines]
    )


def zone_of(session: Session, order: Order) -> str:
    """The zone the order's recipient lives by."""
    place = order.shipping_address or {}
    return zones.zone_of(
        place.get("country_code"), place.get("province_code"), shop(session).timezone
    )


def _parcels(session: Session, run: JourneyRun, order: Order) -> list[Parcel]:
    """The parcels a run is about: its own one, or all of the order."""
    if "parcel_id" in run.subject_ids and run.subject.startswith("parcel:"):
        return [parcels.parcel(session, run.subject_ids["parcel_id"])]
    return parcels.parcels_of(session, order.id)


def _anchors(known: _Known, *, with_hopes: bool) -> dict[str, datetime | None]:
    """The moments that the definition's steps count from; the others are not looked up."""
    wanted = {step.anchor for step in known.definition.steps}
    session, order, about = known.session, known.order, known.parcels
    delivered = _first(parcel.delivered_at for parcel in about)
    found: dict[str, datetime | None] = {
        "ordered": order.placed_at,
        "shipped": _first(parcel.shipped_at for parcel in about),
        "out_for_delivery": _first(parcel.out_for_delivery_at for parcel in about),
        "delivered": delivered,
        "received": order.placed_at if is_digital(known.lines) else delivered,
    }
    if wanted & set(NEWS.values()):
        found |= _news(session, order, about)
    if "predicted_run_out" in wanted:
        found["predicted_run_out"] = _run_out(session, order, known.line)
    if wanted & {"first_order", "last_order"}:
        found["first_order"], found["last_order"] = _customers_orders(session, order)
    if with_hopes or "expected_delivery" in wanted:
        found |= _expected(session, order, known.lines, about)
    return found


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _news(session: Session, order: Order, about: list[Parcel]) -> dict[str, datetime | None]:
    ids = {parcel.id for parcel in about}
    found: dict[str, datetime | None] = dict.fromkeys(NEWS.values())
    for entry in journal.of_order(session, order.id):
        name = NEWS.get(entry.kind)
        if name and found[name] is None and entry.data.get("parcel_id") in ids:
            found[name] = entry.occurred_at
    return found


def _expected(
    session: Session, order: Order, lines: list[OrderLine], about: list[Parcel]
) -> dict[str, datetime | None]:
    """The first day on which it should be handed over, and the first on which it should arrive."""
    if is_digital(lines):
        return {}
    home, zone = shop(session), ZoneInfo(zone_of(session, order))
    promise = parcel_rules.Promise()
    ships, _ = parcel_rules.ships_between(order.placed_at, home.timezone, home.country, promise)
    days = [parcel.expected_from for parcel in about if parcel.expected_from]
    arrives = min(days, default=None) or parcel_service.expected(session, order)[0]
    return {
        "expected_shipping": datetime.combine(ships, time(), zone),
        "expected_delivery": datetime.combine(arrives, time(), zone),
    }


def _run_out(session: Session, order: Order, line: OrderLine | None) -> datetime | None:
    day = replenishment.run_out(session, order.id, line) if line is not None else None
    return datetime.combine(day, time(), ZoneInfo(zone_of(session, order))) if day else None


def _customers_orders(session: Session, order: Order) -> tuple[datetime | None, datetime | None]:
    if order.customer_id is None:
        return order.placed_at, order.placed_at
    row = session.execute(
        select(func.min(Order.placed_at), func.max(Order.placed_at)).where(
            Order.customer_id == order.customer_id, Order.cancelled_at.is_(None)
        )
    ).one()
    return row[0], row[1]


def _product_kind(session: Session, line: OrderLine | None) -> str:
    if line is None:
        return "standard"
    product = mirror.products_for_lines(session, [line]).get(line.product_shopify_id or 0)
    # What is used up is known after a few days, as what must be eaten soon is (product.md).
    return {"consumable": "fast"}.get(product.kind, product.kind) if product else "standard"


def _delivery_days(session: Session, definition: Definition) -> int:
    wanted = any(step.earlier_by for step in definition.steps)
    return lanes.delivery_days(session) if wanted else 0


def _exit(run: JourneyRun, known: _Known) -> str | None:
    """Why a run must stop now, whatever its definition says."""
    session, order, line = known.session, known.order, known.line
    own = known.parcels[0] if known.parcels and run.subject.startswith("parcel:") else None
    reasons = {
        "uninstalled": shop(session).uninstalled_at is not None,
        "redacted": order.redacted_at is not None,
        "cancelled": order.cancelled_at is not None,
        "refunded": _refunded(order, known.lines),
        "switched_off": switched_on_at(session, run.journey) is None,
        "line_refunded": line is not None and line.current_quantity <= 0,
        "parcel_cancelled": own is not None and own.cancelled_at is not None,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _refunded(order: Order, lines: list[OrderLine]) -> bool:
    """Whether all the money or all the goods went back."""
    nothing_left = all(line.current_quantity <= 0 for line in lines)
    return order.financial_status == "refunded" or (order.refunded_at is not None and nothing_left)


def switched_on_at(session: Session, journey: str) -> datetime | None:
    """Since when a journey is on in this shop; None for off."""
    return session.execute(
        select(JourneySwitch.switched_on_at).where(JourneySwitch.journey == journey)
    ).scalar_one_or_none()


def refusal(
    session: Session,
    definition: Definition,
    order: Order,
    lines: list[OrderLine],
    line: OrderLine | None,
) -> str | None:
    """Why an order's subject enters a journey only to end at once; None when it may go on."""
    since = switched_on_at(session, definition.key) or now(session)
    flags = _flags(_Known(session, definition, order, lines, line, []))
    failing = rules.failing(definition.when, flags)
    reasons = {
        # Shopify tells whole seconds: an order of the second of the switch came after it.
        "before_switch_on": order.placed_at < since.replace(microsecond=0),
        "test_order": order.test,
        "point_of_sale": order.source_name == "pos",
        **{word.removeprefix("not "): True for word in failing},
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
