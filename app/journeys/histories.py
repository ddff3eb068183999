"""The pasts that imagination walks through, read for many orders at once: a handful of statements
for a thousand orders, where real runs ask a dozen for each of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ARRAY, BigInteger, func, literal, select
from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.core.clock import now
from app.journal.model import JournalEntry
from app.journeys import means
from app.journeys.facts import zone_of
from app.journeys.history import History, Shelf
from app.mirror import subscriptions
from app.mirror.model import (
    OPEN_RETURNS,
    TAKING_BACK,
    Customer,
    Fulfillment,
    Order,
    OrderLine,
    Product,
    Return,
    Variant,
)
from app.parcels.model import Parcel
from app.replenishment import queries as lanes
from app.segments import queries as segments
from app.segments.rules import Scale
from app.shops.service import shop
from app.surveys import queries as surveys

#: The journal's kinds that tell of a moment which no row keeps.
NEWS = {
    "OrderPaid": "paid",
    "ParcelAttempted": "attempted",
    "ParcelDelayed": "delayed",
    "ParcelMissed": "missed",
    "ParcelCaseClosed": "found",
}


class Basis(msgspec.Struct, frozen=True):
    """What is measured of a shop, rather than read: until when its past is known, the days its
    parcels take, and what much, often and lately mean there."""

    until: datetime
    delivery_days: int
    scale: Scale


def measure(session: Session, until: datetime) -> Basis:
    """Look at the whole shop."""
    return Basis(until, lanes.delivery_days(session), segments.scale(session))


def open_shelf(session: Session, basis: Basis | None = None) -> Shelf:
    """The shop's part of every history, as it was measured or as it is now."""
    basis = basis or measure(session, now(session))
    return Shelf(shop(session), basis.delivery_days, basis.until, means.read(session), basis.scale)


def read(session: Session, order_ids: Iterable[int], shelf: Shelf) -> list[History]:
    """The histories of orders, oldest first."""
    orders = _by_ids(session, Order, Order.id, order_ids)
    ids = [order.id for order in orders]
    lines = _grouped(_by_ids(session, OrderLine, OrderLine.order_id, ids), "order_id")
    people = {
        one.id: one
        for one in _by_ids(
            session, Customer, Customer.id, {o.customer_id for o in orders if o.customer_id}
        )
    }
    parcels = [
        one for one in _by_ids(session, Parcel, Parcel.order_id, ids) if one.cancelled_at is None
    ]
    packed, inside = _grouped(parcels, "order_id"), _inside(session, parcels)
    news = _news(session, ids)
    _stock(session, shelf, [line for some in lines.values() for line in some])
    bought, plans, counters = _purchases(session, set(people))
    spent = _spent(session, set(people))
    birthdays = consent.birthdays(session, people)
    gifts = surveys.answered(session, ids, *surveys.GIFT)
    returns = _grouped(_by_ids(session, Return, Return.order_id, ids), "order_id")
    found = []
    for order in sorted(orders, key=lambda one: (one.placed_at, one.id)):
        zone = zone_of(session, order)
        found.append(
            History(
                order=order,
                lines=lines.get(order.id, []),
                customer=people.get(order.customer_id or 0),
                parcels=sorted(packed.get(order.id, []), key=lambda one: (one.shipped_at, one.id)),
                inside=inside,
                news=news.get(order.id, {}),
                zone=zone,
                shelf=shelf,
                expected=shelf.expected(order.placed_at, zone),
                purchases=bought.get(order.customer_id or 0, {}),
                plans=plans.get(order.customer_id or 0, {}),
                over_the_counter=counters.get(order.customer_id or 0, set()),
                spent=spent.get(order.customer_id or 0, []),
                returns=[_open(one) for one in returns.get(order.id, [])],
                said_gift=order.id in gifts,
                told_birthday=birthdays.get(order.customer_id or 0),
            )
        )
    return found


def _by_ids(session: Session, table: Any, column: Any, ids: Iterable[int]) -> list[Any]:
    wanted = list(ids)
    if not wanted:
        return []
    return list(session.scalars(select(table).where(_among(column, wanted)).order_by(table.id)))


def _among(column: Any, ids: Iterable[int]) -> Any:
    """That a column holds one of many numbers. They are one parameter: a statement with a thousand
    takes longer to write than to answer. And they are rows, which are looked up one by one: with an
    array each row of the table was compared with each of its members."""
    return column.in_(select(func.unnest(literal(list(ids), ARRAY(BigInteger)))))


def _grouped(rows: Sequence[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _inside(session: Session, parcels: Sequence[Parcel]) -> dict[int, set[int]]:
    """Which lines each parcel brought, by Shopify's numbers; nothing where it does not say."""
    rows = _by_ids(session, Fulfillment, Fulfillment.id, [one.fulfillment_id for one in parcels])
    by_id = {row.id: {int(one["line_shopify_id"]) for one in row.lines} for row in rows}
    return {one.id: by_id.get(one.fulfillment_id, set()) for one in parcels}


def _news(session: Session, ids: Sequence[int]) -> dict[int, dict[str, datetime]]:
    rows = session.execute(
        select(JournalEntry.order_id, JournalEntry.kind, JournalEntry.occurred_at)
        .where(_among(JournalEntry.order_id, ids), JournalEntry.kind.in_(NEWS))
        .order_by(JournalEntry.occurred_at.desc())
    )
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for row in rows:
        # The earliest is read last and stays.
        found[row.order_id][NEWS[row.kind]] = row.occurred_at
    return found


def _stock(session: Session, shelf: Shelf, lines: Sequence[OrderLine]) -> None:
    """Read the products that are not on the shelf yet, with their variants' titles."""
    missing = {line.product_shopify_id for line in lines if line.product_shopify_id}
    fresh = _by_ids(session, Product, Product.shopify_id, missing - set(shelf.products))
    shelf.products.update({product.shopify_id: product for product in fresh})
    by_id = {product.id: product.shopify_id for product in fresh}
    for variant in _by_ids(session, Variant, Variant.product_id, by_id):
        shelf.siblings.setdefault(by_id[variant.product_id], []).append(variant.title)


def _open(one: Return) -> tuple[datetime, datetime | None, bool]:
    """From when until when a return was open, and whether it took something back."""
    over = one.status not in OPEN_RETURNS
    ended = one.closed_at or (one.source_updated_at if over else None)
    return one.opened_at, ended, one.status in TAKING_BACK


#: By customer and by Shopify's number of the product: when, and how much or every how many days.
Purchases = dict[int, dict[int, list[tuple[datetime, float]]]]
Plans = dict[int, dict[int, list[tuple[datetime, int | None]]]]
Counters = dict[int, set[datetime]]


def _purchases(session: Session, people: set[int]) -> tuple[Purchases, Plans, Counters]:
    rows = session.execute(
        select(
            Order.customer_id,
            OrderLine.product_shopify_id,
            Order.placed_at,
            OrderLine.current_quantity,
            Order.source_name,
            subscriptions.SUBSCRIBED.label("subscribed"),
            OrderLine.plan_days,
        )
        .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
        .where(
            _among(Order.customer_id, people),
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
            OrderLine.current_quantity > 0,
        )
        .order_by(Order.placed_at, Order.id)
    )
    found: Purchases = defaultdict(dict)
    plans: Plans = defaultdict(dict)
    counters: Counters = defaultdict(set)
    for row in rows:
        number = row.product_shopify_id or 0
        mine = found[row.customer_id].setdefault(number, [])
        mine.append((row.placed_at, float(row.current_quantity)))
        if row.subscribed:
            plan = plans[row.customer_id].setdefault(number, [])
            plan.append((row.placed_at, row.plan_days))
        if row.source_name == "pos":
            counters[row.customer_id].add(row.placed_at)
    return found, plans, counters


def _spent(session: Session, people: set[int]) -> dict[int, list[tuple[datetime, int]]]:
    """Orders that count as purchases, as `segments` counts them, the first first."""
    rows = session.execute(
        select(
            Order.customer_id,
            Order.placed_at,
            func.coalesce(Order.current_total_minor, Order.total_minor),
        )
        .where(
            _among(Order.customer_id, people),
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
            Order.financial_status.not_in(("refunded", "voided", "expired")),
        )
        .order_by(Order.placed_at, Order.id)
    )
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for customer_id, placed_at, minor in rows:
        found[customer_id or 0].append((placed_at, minor))
    return found
