"""What comes by itself: lines bought as a subscription, and whether it still goes on.

Shopify tells an app about its own subscriptions only. Of others' one sees the orders: while they
keep coming it runs, and when they stop it has ended or pauses, which is the same to its buyer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.mirror.model import Order, OrderLine

#: A renewal may be late by so much of its interval, and payments are tried again for so long.
LATE, RETRIES = 1.5, timedelta(days=7)
#: After so many intervals without an order the next one begins anew.
BREAK = 3.0
#: How Shopify names the source of the orders that subscriptions place.
RENEWALS = "subscription_contract"


#: `subscribed` as a condition.
SUBSCRIBED = and_(
    OrderLine.plan_name.is_not(None),
    or_(OrderLine.plan_kind.is_(None), OrderLine.plan_kind == "subscription"),
)


@dataclass(frozen=True)
class Subscription:
    """A product that comes by itself: since when, when it was ordered last, and every how many
    days (None: after one order nobody knows)."""

    since: datetime
    last: datetime
    every_days: float | None

    def runs(self, at: datetime) -> bool:
        """Whether its orders kept coming until a moment."""
        if self.every_days is None:
            return False
        return at - self.last <= timedelta(days=LATE * self.every_days) + RETRIES


def subscribed(line: OrderLine) -> bool:
    """Whether a line was bought as a subscription. A plan of which nobody knows the kind is taken
    for one: pre-orders and trials say what they are."""
    return line.plan_name is not None and line.plan_kind in (None, "subscription")


def renewal(order: Order) -> bool:
    """Whether a subscription placed an order, and not its buyer."""
    return (order.source_name or "").startswith(RENEWALS)


def following(orders: Sequence[tuple[datetime, int | None]]) -> Subscription | None:
    """The subscription that these orders make, oldest first, each with its plan's days; the one
    that began last where it was broken off for long."""
    if not orders:
        return None
    placed, plan_days = [at for at, _days in orders], orders[-1][1]
    gaps = [(later - at).total_seconds() / 86_400 for at, later in pairwise(placed)]
    every = plan_days or (median(gaps) if gaps else None)
    since = placed[0]
    for gap, at in zip(gaps, placed[1:], strict=True):
        if every and gap > BREAK * every:
            since = at
    return Subscription(since, placed[-1], every)


def of_product(
    session: Session, customer_id: int | None, product_shopify_id: int | None
) -> Subscription | None:
    """A customer's subscription to a product; None when they never had one. Cancelled, refunded and
    test orders do not count."""
    if customer_id is None or product_shopify_id is None:
        return None
    rows = session.execute(
        select(Order.placed_at, OrderLine.plan_days)
        .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
        .where(
            Order.customer_id == customer_id,
            OrderLine.product_shopify_id == product_shopify_id,
            OrderLine.current_quantity > 0,
            SUBSCRIBED,
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
        )
        .order_by(Order.placed_at, Order.id)
    )
    return following([(placed_at, days) for placed_at, days in rows])
