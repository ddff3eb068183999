"""Who the person behind an order is to the shop, as far as journeys ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.journeys.times import parse_birthday
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.segments import queries as segments


@dataclass(frozen=True)
class Person:
    """A customer's purchases in short; a guest is known by one order only."""

    first_order_at: datetime
    last_order_at: datetime
    orders: int = 1
    own_interval_days: float | None = None
    stage: str = "new"
    engagement: str = "unknown"
    top_decile: bool = False


def person_of(session: Session, order: Order) -> Person:
    """The person who placed an order, as things stand now."""
    if order.customer_id is None:
        return Person(order.placed_at, order.placed_at)
    found = segments.profile(session, order.customer_id)
    return Person(
        first_order_at=found.first_order_at or order.placed_at,
        last_order_at=found.last_order_at or order.placed_at,
        orders=found.orders,
        own_interval_days=found.own_interval_days,
        stage=found.stage,
        engagement=found.engagement,
        top_decile=found.top_decile,
    )


def birthday_of(session: Session, order: Order) -> tuple[int, int] | None:
    """Month and day of a customer's birthday as they told us, or as an order's attribute gives it,
    the newest first; None when nobody ever told."""
    known = [order]
    if told := consent.birthdays(session, [order.customer_id or 0]):
        return next(iter(told.values()))
    if order.customer_id is not None:
        known = mirror.orders_of(session, order.customer_id)[::-1]
    for one in known:
        for found in map(parse_birthday, mirror.birthdays_told(one)):
            if found:
                return found
    return None
