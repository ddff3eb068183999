"""The pasts that imagination walks through, read for many orders at once: a handful of statements
for a thousand orders, where real runs ask a dozen for each of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.model import JournalEntry
from app.journeys.facts import is_digital, is_gift, zone_of
from app.mirror import queries as mirror
from app.mirror.model import Customer, Fulfillment, Order, OrderLine, Product, Variant
from app.parcels import queries as parcel_queries
from app.parcels import rules as parcel_rules
from app.parcels.model import Parcel
from app.replenishment import queries as lanes
from app.replenishment import rules as replenishment
from app.shops.model import Shop
from app.shops.service import shop

#: The journal's kinds that tell of a moment which no row keeps.
NEWS = {"OrderPaid": "paid", "ParcelAttempted": "attempted", "ParcelDelayed": "delayed"}
#: The hour at which something that is only expected on a day is imagined to happen.
NOON = time(12)


@dataclass
class History:
    """One order's past: its rows, and what they say."""

    order: Order
    lines: list[OrderLine]
    customer: Customer | None
    parcels: list[Parcel]
    inside: dict[int, set[int]]
    news: dict[str, datetime]
    zone: str
    shelf: Shelf
    #: When the first parcel should be handed over and handed out, for what nobody has scanned.
    expected: tuple[datetime, datetime]
    #: When this customer bought each product, and how much; by Shopify's product number.
    purchases: dict[int, list[tuple[datetime, float]]] = field(default_factory=dict)

    @cached_property
    def ordered(self) -> list[datetime]:
        """When this customer ordered, as far as it counts."""
        return sorted({at for some in self.purchases.values() for at, _count in some})

    @cached_property
    def interval_days(self) -> float | None:
        """The usual days between this customer's orders up to this one, from three on."""
        placed = [at for at in self.ordered if at <= self.order.placed_at]
        gaps = [(later - at).total_seconds() / 86_400 for at, later in pairwise(placed)]
        return median(gaps) if len(gaps) >= 2 else None

    @cached_property
    def digital(self) -> bool:
        """Whether nothing of it travels."""
        return is_digital(self.lines)

    @cached_property
    def gift(self) -> bool:
        """Whether it is for someone else."""
        return is_gift(self.order, self.lines)

    @cached_property
    def shipped_at(self) -> datetime:
        """When the first parcel left, or should have."""
        moments = [parcel.shipped_at for parcel in self.parcels]
        return min(moments) if moments else max(self.expected[0], self.order.placed_at)

    @cached_property
    def delivered_at(self) -> datetime:
        """When the first parcel arrived, or should have."""
        moments = [parcel.delivered_at for parcel in self.parcels if parcel.delivered_at]
        return min(moments) if moments else max(self.expected[1], self.shipped_at)

    @cached_property
    def hoped(self) -> frozenset[str]:
        """The anchors of which nobody said anything."""
        if self.digital:
            return frozenset()
        found = set() if self.parcels else {"shipped"}
        if not any(parcel.delivered_at for parcel in self.parcels):
            found |= {"delivered", "received", "out_for_delivery"}
        return frozenset(found)

    @property
    def paid_at(self) -> datetime | None:
        """When it was paid; None while it is not."""
        if mirror.awaits_payment(self.order):
            return None
        return self.news.get("paid", self.order.placed_at)


@dataclass
class Shelf:
    """The shop and its products, read once for many orders."""

    shop: Shop
    delivery_days: int
    now: datetime
    products: dict[int, Product] = field(default_factory=dict)
    siblings: dict[int, list[str]] = field(default_factory=dict)
    priors: dict[int, int | None] = field(default_factory=dict)
    days: dict[Any, tuple[datetime, datetime]] = field(default_factory=dict)

    def product(self, line: OrderLine | None) -> Product | None:
        """A line's product; None for what we do not know."""
        return self.products.get(line.product_shopify_id or 0) if line is not None else None

    def lasts(self, line: OrderLine | None) -> int | None:
        """Days an ordinary pack of a line's product lasts; None for what is not used up."""
        product = self.product(line)
        if product is None or line is None or line.gift_card or not line.requires_shipping:
            return None
        if product.id not in self.priors:
            self.priors[product.id] = replenishment.prior_days(
                product.product_type, product.tags, product.title, product.kind
            )
        return self.priors[product.id]

    def expected(self, placed_at: datetime, zone: str) -> tuple[datetime, datetime]:
        """When something ordered then should leave and arrive. Holidays are looked up once a day
        and zone, not once an order."""
        day = placed_at.astimezone(ZoneInfo(self.shop.timezone)).date()
        if (day, zone) not in self.days:
            promise, tz = parcel_queries.promise_of(self.shop), ZoneInfo(zone)
            home = (placed_at, self.shop.timezone, self.shop.country, promise)
            leaves, arrives = (
                parcel_rules.ships_between(*home)[0],
                parcel_rules.expected_dates(*home)[0],
            )
            self.days[day, zone] = (
                datetime.combine(leaves, NOON, tz),
                datetime.combine(arrives, NOON, tz),
            )
        return self.days[day, zone]


def open_shelf(session: Session) -> Shelf:
    """The shop's part of every history."""
    return Shelf(shop(session), lanes.delivery_days(session), now(session))


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
    bought = _purchases(session, set(people))
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
            )
        )
    return found


def _by_ids(session: Session, table: Any, column: Any, ids: Iterable[int]) -> list[Any]:
    wanted = list(ids)
    if not wanted:
        return []
    return list(session.scalars(select(table).where(column.in_(wanted)).order_by(table.id)))


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
        .where(JournalEntry.order_id.in_(ids), JournalEntry.kind.in_(NEWS))
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


def _purchases(
    session: Session, people: set[int]
) -> dict[int, dict[int, list[tuple[datetime, float]]]]:
    rows = session.execute(
        select(
            Order.customer_id,
            OrderLine.product_shopify_id,
            Order.placed_at,
            OrderLine.current_quantity,
        )
        .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
        .where(
            Order.customer_id.in_(people),
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
            OrderLine.current_quantity > 0,
        )
        .order_by(Order.placed_at, Order.id)
    )
    found: dict[int, dict[int, list[tuple[datetime, float]]]] = defaultdict(dict)
    for row in rows:
        mine = found[row.customer_id].setdefault(row.product_shopify_id or 0, [])
        mine.append((row.placed_at, float(row.current_quantity)))
    return found


def run_out(history: History, line: OrderLine, arrived: datetime) -> datetime | None:
    """When a line that arrived then is used up, as `replenishment.service.run_out` says it; only
    purchases up to that order are known."""
    shelf = history.shelf
    per_pack = shelf.lasts(line)
    if per_pack is None:
        return None
    zone = ZoneInfo(shelf.shop.timezone)
    start = arrived.astimezone(zone).date()
    past = [
        one
        for one in history.purchases.get(line.product_shopify_id or 0, [])
        if one[0] <= history.order.placed_at
    ]
    if personal := replenishment.personal_days(past):
        day = replenishment.run_out(start, personal, float(line.quantity))
    else:
        titles = shelf.siblings.get(line.product_shopify_id or 0, [])
        packs = replenishment.packs(line.quantity, line.variant_title, titles)
        day = replenishment.run_out(start, float(per_pack), packs)
    return datetime.combine(day, time(), ZoneInfo(history.zone))


def refunded_at(history: History) -> datetime | None:
    """When all the money or all the goods went back; None when they did not."""
    order = history.order
    nothing_left = all(line.current_quantity <= 0 for line in history.lines)
    if order.financial_status != "refunded" and not (order.refunded_at and nothing_left):
        return None
    return order.refunded_at or order.placed_at + timedelta(0)
