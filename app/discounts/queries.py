"""Reads of pools and codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    DateTime,
    String,
    any_,
    bindparam,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.runtime import runtime
from app.core.together import Question, Rows
from app.discounts.model import CoolOff, DiscountCampaign, DiscountCode, DiscountPool
from app.mirror.model import Customer, Order


def code(session: Session, code_id: int) -> DiscountCode | None:
    """One code of the bound shop."""
    return session.get(DiscountCode, (session.info["shop_id"], code_id))


def ids_of(session: Session, codes: Iterable[str]) -> list[int]:
    """The ids of those of `codes` that are ours, however the customer typed them."""
    typed = [code.strip().upper() for code in codes]
    if not typed:
        return []
    return list(session.scalars(select(DiscountCode.id).where(DiscountCode.code.in_(typed))))


def free_codes(session: Session, campaign: str) -> int:
    """How many codes of a campaign could be handed out now."""
    return session.execute(
        select(func.count())
        .select_from(DiscountCode)
        .join(
            DiscountPool,
            (DiscountPool.shop_id == DiscountCode.shop_id)
            & (DiscountPool.id == DiscountCode.pool_id),
        )
        .where(DiscountPool.campaign == campaign, DiscountCode.state == "free")
    ).scalar_one()


def timed_campaigns(session: Session) -> list[DiscountCampaign]:
    """The terms that stand for good and whose buyers are told until when."""
    standing = DiscountCampaign.until.is_(None) & DiscountCampaign.timed
    return list(session.scalars(select(DiscountCampaign).where(standing)))


def cooling(
    session: Session,
    *,
    customer_id: int | None,
    email: str | None,
    percent: int,
    products: Collection[int] | None = None,
    but_order: int | None = None,
) -> datetime | None:
    """Until when this person must not be offered `percent` or more off these products (off any
    product at all without them), because they were told that such a price ends; None when nothing
    stands against it. People are found by customer and, as guests, by their address."""
    found = COOLING.ask(session, person(session, customer_id, email, but_order))
    return cooling_of(found, percent, products)


def person(
    session: Session, customer_id: int | None, email: str | None, but_order: int | None
) -> dict[str, object]:
    """Somebody, as `COOLING` wants them named."""
    address = (email or "").strip().lower() or None
    return {
        "customer": customer_id,
        "address": address,
        "but_order": but_order or 0,
        "moment": now(session),
    }


def cooling_of(
    rows: Rows, percent: int, products: Collection[int] | None = None
) -> datetime | None:
    """What the answer to `COOLING` says of a price."""
    against = (
        until
        for product, told, until in rows
        if told <= percent and (products is None or product in products)
    )
    return max(against, default=None)


def _orders_of(
    customer: BindParameter[int], address: BindParameter[str]
) -> ColumnElement[Sequence[int]]:
    """A customer's orders, and those of an address: a guest's, or of whoever is reached there."""
    people = union_all(select(customer), select(Customer.id).where(Customer.email_key == address))
    theirs = union_all(
        select(Order.id).where(Order.customer_id == any_(_array(people))),
        select(Order.id).where(Order.customer_id.is_(None), Order.email_key == address),
    )
    return _array(theirs)


def _array(ids: CompoundSelect[int]) -> ColumnElement[Sequence[int]]:
    return func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger))


#: What somebody was told would end. Their orders are looked for first, by each index of its own:
#: the other way round everybody's prices of the last month are gone through.
COOLING = Question(
    select(CoolOff.product_shopify_id, CoolOff.percent, CoolOff.until).where(
        CoolOff.order_id
        == any_(
            _orders_of(bindparam("customer", type_=BigInteger), bindparam("address", type_=String))
        ),
        CoolOff.order_id != bindparam("but_order", type_=BigInteger),
        CoolOff.until > bindparam("moment", type_=DateTime(timezone=True)),
    )
)


def shops_without_pool() -> list[int]:
    """The shops whose offer has no pool for today; asked across shops, before one is bound."""
    with runtime().engine.connect() as connection:
        return list(connection.execute(text("SELECT okaeri_shops_without_pool()")).scalars())


def any_shop_without_pool() -> bool:
    """The clock's question before it rings."""
    return bool(shops_without_pool())
