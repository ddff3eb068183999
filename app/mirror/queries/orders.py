"""Reads of orders and their lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.together import Question
from app.mirror import rules
from app.mirror.model import Customer, Order, OrderImport, OrderLine


def order(session: Session, order_id: int) -> Order:
    """The order; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Order, (session.info["shop_id"], order_id))
    if found is None:
        raise NotFound
    return found


def order_by_shopify_id(session: Session, shopify_id: int) -> Order | None:
    """The order with Shopify's number."""
    return session.scalars(select(Order).where(Order.shopify_id == shopify_id)).one_or_none()


def order_by_checkout_token(session: Session, token: str) -> Order | None:
    """The order that came out of a checkout; None while we do not know it yet."""
    return session.scalars(
        select(Order).where(Order.checkout_token == token).order_by(Order.id).limit(1)
    ).one_or_none()


def order_import(session: Session) -> OrderImport | None:
    """How far our copy of the store's orders reaches; None before it was begun."""
    return session.scalars(select(OrderImport)).one_or_none()


def orders_numbered(
    session: Session, digits: str, most: int
) -> list[tuple[Order, Customer | None]]:
    """Orders whose name has exactly these digits (`1001` finds `#1001` and `HC-1001`), the newest
    `most`, each with its customer: in one statement, however many there are."""
    rows = session.execute(
        select(Order, Customer)
        .outerjoin(
            Customer, (Customer.shop_id == Order.shop_id) & (Customer.id == Order.customer_id)
        )
        .where(Order.name_digits == digits)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


def order_lines(session: Session, order_id: int) -> list[OrderLine]:
    """An order's lines in the order they were put in the cart."""
    return list(
        session.scalars(
            select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
        )
    )


def line(session: Session, line_id: int) -> OrderLine:
    """One line; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(OrderLine, (session.info["shop_id"], line_id))
    if found is None:
        raise NotFound
    return found


def needs_shipping(lines: Iterable[OrderLine]) -> bool:
    """Whether a parcel is to be expected: something that is left of the order is shipped."""
    return any(line.requires_shipping and line.current_quantity > 0 for line in lines)


def awaits_payment(order: Order) -> bool:
    """Whether the customer still has to pay (convenience store, bank transfer): nothing is packed.
    An authorized card is none of that: there it is the shop that has yet to collect. Nor is cash on
    delivery: who waits for that money never ships."""
    return order.financial_status in rules.AWAITING and not order.paid_on_delivery


def birthdays_told(order: Order) -> list[str]:
    """What an order's attributes say of its buyer's birthday, as it was typed but for the year."""
    return [
        str(value)
        for name, value in order.note_attributes.items()
        if name.casefold() in rules.BIRTHDAY
    ]


def recent_orders(session: Session, limit: int = 50, before: int | None = None) -> list[Order]:
    """Orders, newest first; `before` is the id of the last one of the page before."""
    query = select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    if before is not None:
        last = select(Order.placed_at, Order.id).where(Order.id == before).subquery()
        query = query.where(
            tuple_(Order.placed_at, Order.id)
            < tuple_(
                select(last.c.placed_at).scalar_subquery(), select(last.c.id).scalar_subquery()
            )
        )
    return list(session.scalars(query))


def usual_shipping(session: Session) -> int:
    """What sending costs a buyer of this shop where it costs anything: the median of the newest
    orders, in minor units; 0 while nobody has paid for it."""
    newest = (
        select(Order.shipping_minor)
        .where(Order.shipping_minor > 0)
        .order_by(Order.placed_at.desc())
        .limit(200)
        .subquery()
    )
    middle = func.percentile_disc(0.5).within_group(newest.c.shipping_minor)
    return int(session.scalar(select(middle)) or 0)


def orders_of(session: Session, customer_id: int) -> list[Order]:
    """A customer's orders, oldest first."""
    return list(
        session.scalars(
            select(Order)
            .where(Order.customer_id == customer_id)
            .order_by(Order.placed_at, Order.id)
        )
    )


#: The products a customer had before a moment, by orders that `purchases` counts.
HAD_BEFORE = Question(
    select(OrderLine.product_shopify_id)
    .join(Order, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
    .where(
        Order.customer_id == bindparam("customer", type_=BigInteger),
        Order.placed_at < bindparam("placed_at", type_=DateTime(timezone=True)),
        Order.cancelled_at.is_(None),
        Order.test.is_(False),
        OrderLine.current_quantity > 0,
        OrderLine.product_shopify_id.is_not(None),
    )
    .group_by(OrderLine.product_shopify_id),
    OrderLine.product_shopify_id,
)


def had_before(session: Session, order: Order) -> set[int]:
    """The products that an order's buyer had had when it was placed, by Shopify's number."""
    given = {"customer": order.customer_id, "placed_at": order.placed_at}
    return {number for (number,) in HAD_BEFORE.ask(session, given)}


def purchases(
    session: Session, customer_id: int, product_shopify_id: int
) -> list[tuple[datetime, int]]:
    """When a customer bought a product and how many were kept, oldest first. Cancelled, fully
    refunded and test orders do not count."""
    rows = session.execute(
        select(Order.placed_at, func.sum(OrderLine.current_quantity))
        .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
        .where(
            Order.customer_id == customer_id,
            OrderLine.product_shopify_id == product_shopify_id,
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
        )
        .group_by(Order.id, Order.placed_at)
        .having(func.sum(OrderLine.current_quantity) > 0)
        .order_by(Order.placed_at, Order.id)
    )
    return [(placed_at, int(count)) for placed_at, count in rows]
