"""Reads of our copy of the store. All ids are ours unless the name says `shopify_id`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.together import Question, Rows
from app.mirror import rules
from app.mirror.model import (
    OPEN_RETURNS,
    Customer,
    Fulfillment,
    FulfillmentEvent,
    Order,
    OrderImport,
    OrderLine,
    Product,
    Return,
    ReturnLine,
    Variant,
)
from app.mirror.questions import RETURNS

#: Products on a page of the grid of kinds.
GRID = 50


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


def customer(session: Session, customer_id: int | None) -> Customer | None:
    """The customer; None for a guest without one, or an id that is not the bound shop's."""
    if customer_id is None:
        return None
    return session.get(Customer, (session.info["shop_id"], customer_id))


def customer_by_shopify_id(session: Session, shopify_id: int) -> Customer | None:
    """The customer with Shopify's number."""
    return session.scalars(select(Customer).where(Customer.shopify_id == shopify_id)).one_or_none()


def product_by_shopify_id(session: Session, shopify_id: int) -> Product | None:
    """The product with Shopify's number, deleted ones too."""
    return session.scalars(select(Product).where(Product.shopify_id == shopify_id)).one_or_none()


def product_by_id(session: Session, product_id: int) -> Product | None:
    """The product with our number, deleted ones too."""
    return session.get(Product, (session.info["shop_id"], product_id))


def products_for_lines(session: Session, lines: Sequence[OrderLine]) -> dict[int, Product]:
    """The products of lines by Shopify's product number; what we do not know is missing."""
    numbers = {line.product_shopify_id for line in lines if line.product_shopify_id}
    return {
        product.shopify_id: product
        for product in session.scalars(select(Product).where(Product.shopify_id.in_(numbers)))
    }


#: An order's lines and their products by Shopify's number.
Bought = tuple[list[OrderLine], dict[int, Product]]


def bought(session: Session, order_id: int) -> Bought:
    """An order's lines as `order_lines` and their products as `products_for_lines`, in one
    statement."""
    return bought_of(BOUGHT.ask(session, {"order": order_id}))


def bought_of(rows: Rows) -> Bought:
    """What the answer to `BOUGHT` says."""
    return [row[0] for row in rows], {row[1].shopify_id: row[1] for row in rows if row[1]}


#: Every message and every page of an order asks it.
BOUGHT = Question(
    select(OrderLine, Product)
    .outerjoin(
        Product,
        (Product.shop_id == OrderLine.shop_id)
        & (Product.shopify_id == OrderLine.product_shopify_id),
    )
    .where(OrderLine.order_id == bindparam("order", type_=BigInteger)),
    OrderLine.id,
)


def products(session: Session, limit: int = 250) -> list[Product]:
    """The shop's living products by title, for pickers in the admin."""
    return list(
        session.scalars(
            select(Product).where(Product.deleted_at.is_(None)).order_by(Product.title).limit(limit)
        )
    )


class KindGrid(NamedTuple):
    """A page of the grid of kinds: its products, how many there are in all, how many of those
    nobody has confirmed."""

    products: list[Product]
    total: int
    open: int


def kind_grid(
    session: Session, *, kind: str = "", unconfirmed: bool = False, text: str = "", page: int = 0
) -> KindGrid:
    """Living products by title, `GRID` a page, filtered by kind, by a part of title, type or
    vendor, and to those whose kind nobody has confirmed."""
    living: list[ColumnElement[bool]] = [Product.deleted_at.is_(None)]
    if kind:
        living.append(Product.kind == kind)
    if text:
        part = f"%{text.replace('%', '')}%"
        fields = (Product.title, Product.product_type, Product.vendor)
        living.append(or_(*(field.ilike(part) for field in fields)))
    unsure = Product.kind_confirmed_at.is_(None)
    count, open_ = session.execute(
        select(func.count(), func.count().filter(unsure)).select_from(Product).where(*living)
    ).one()
    shown = select(Product).where(*living, *([unsure] if unconfirmed else []))
    rows = session.scalars(
        shown.order_by(Product.title, Product.id).limit(GRID).offset(page * GRID)
    )
    return KindGrid(list(rows), int(open_ if unconfirmed else count), int(open_))


def collections(session: Session) -> list[str]:
    """The handles of the collections living products are in, alphabetically."""
    handle = func.jsonb_array_elements_text(Product.collections).label("handle")
    inner = select(handle).where(Product.deleted_at.is_(None)).subquery()
    return list(session.scalars(select(inner.c.handle).distinct().order_by(inner.c.handle)))


def product_types(session: Session) -> list[str]:
    """The product types in use, alphabetically."""
    return list(
        session.scalars(
            select(Product.product_type)
            .where(Product.deleted_at.is_(None), Product.product_type != "")
            .distinct()
            .order_by(Product.product_type)
        )
    )


def variant(session: Session, shopify_id: int) -> Variant | None:
    """The variant with Shopify's number."""
    return session.scalars(select(Variant).where(Variant.shopify_id == shopify_id)).one_or_none()


def variants_for_lines(session: Session, lines: Sequence[OrderLine]) -> dict[int, Variant]:
    """The variants of lines by Shopify's variant number; what we do not know is missing."""
    numbers = {line.variant_shopify_id for line in lines if line.variant_shopify_id}
    return {
        variant.shopify_id: variant
        for variant in session.scalars(select(Variant).where(Variant.shopify_id.in_(numbers)))
    }


def variants_of(session: Session, product_id: int) -> list[Variant]:
    """A product's variants."""
    return list(
        session.scalars(
            select(Variant).where(Variant.product_id == product_id).order_by(Variant.id)
        )
    )


def fulfillment(session: Session, fulfillment_id: int) -> Fulfillment:
    """One fulfillment; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Fulfillment, (session.info["shop_id"], fulfillment_id))
    if found is None:
        raise NotFound
    return found


def contents(session: Session, fulfillment_id: int) -> dict[int, int]:
    """How many pieces of which line, by its Shopify id, a fulfillment holds; empty when unknown."""
    held: dict[int, int] = {}
    for part in fulfillment(session, fulfillment_id).lines:
        number = part["line_shopify_id"]
        held[number] = held.get(number, 0) + part["quantity"]
    return held


def fulfillments_of(session: Session, order_id: int) -> list[Fulfillment]:
    """An order's fulfillments, oldest first."""
    return list(
        session.scalars(
            select(Fulfillment)
            .where(Fulfillment.order_id == order_id)
            .order_by(Fulfillment.fulfilled_at, Fulfillment.id)
        )
    )


def scan(session: Session, event_id: int) -> FulfillmentEvent:
    """One carrier's event; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(FulfillmentEvent, (session.info["shop_id"], event_id))
    if found is None:
        raise NotFound
    return found


def scans_of(session: Session, fulfillment_id: int) -> list[FulfillmentEvent]:
    """A fulfillment's carrier events in the order they happened."""
    return list(
        session.scalars(
            select(FulfillmentEvent)
            .where(FulfillmentEvent.fulfillment_id == fulfillment_id)
            .order_by(FulfillmentEvent.happened_at, FulfillmentEvent.id)
        )
    )


def return_by_shopify_id(session: Session, shopify_id: int) -> Return | None:
    """The return with Shopify's number."""
    return session.scalars(select(Return).where(Return.shopify_id == shopify_id)).one_or_none()


def returns_of(session: Session, order_id: int) -> list[Return]:
    """An order's returns, oldest first."""
    return [row[0] for row in RETURNS.ask(session, {"order": order_id})]


def return_lines(session: Session, return_id: int) -> list[tuple[OrderLine, int]]:
    """What a return is about: lines of its order, and how many of each."""
    rows = session.execute(
        select(OrderLine, ReturnLine.quantity)
        .join(
            ReturnLine,
            (ReturnLine.shop_id == OrderLine.shop_id)
            & (ReturnLine.line_shopify_id == OrderLine.shopify_id),
        )
        .where(ReturnLine.return_id == return_id)
        .order_by(OrderLine.id, ReturnLine.id)
    )
    return [(line, count) for line, count in rows]


def return_is_open(session: Session, order_id: int) -> bool:
    """Whether somebody still has something to do about a return of an order."""
    return any(one.status in OPEN_RETURNS for one in returns_of(session, order_id))


def orders_with_open_returns(session: Session) -> set[int]:
    """Shopify's numbers of the orders with an open return."""
    return set(
        session.scalars(
            select(Order.shopify_id)
            .join(Return, (Return.shop_id == Order.shop_id) & (Return.order_id == Order.id))
            .where(Return.status.in_(OPEN_RETURNS))
        )
    )


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
