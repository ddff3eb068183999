"""Reads of pools and codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.runtime import runtime
from app.discounts.model import CoolOff, DiscountCampaign, DiscountCode, DiscountPool
from app.mirror.model import Order


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
    products: Iterable[int] | None = None,
    but_order: int | None = None,
) -> datetime | None:
    """Until when this person must not be offered `percent` or more off these products (off any
    product at all without them), because they were told that such a price ends; None when nothing
    stands against it. People are found by customer and, as guests, by their address."""
    same = Order.customer_id == customer_id if customer_id is not None else None
    if email:
        as_guest = Order.email_key == email.strip().lower()
        same = as_guest if same is None else same | as_guest
    if same is None:
        return None
    query = (
        select(func.max(CoolOff.until))
        .join(Order, (Order.shop_id == CoolOff.shop_id) & (Order.id == CoolOff.order_id))
        .where(same, CoolOff.percent <= percent, CoolOff.until > now(session))
    )
    if products is not None:
        query = query.where(CoolOff.product_shopify_id.in_(list(products)))
    if but_order is not None:
        query = query.where(CoolOff.order_id != but_order)
    return session.execute(query).scalar_one()


def shops_without_pool() -> list[int]:
    """The shops whose offer has no pool for today; asked across shops, before one is bound."""
    with runtime().engine.connect() as connection:
        return list(connection.execute(text("SELECT okaeri_shops_without_pool()")).scalars())


def any_shop_without_pool() -> bool:
    """The clock's question before it rings."""
    return bool(shops_without_pool())
