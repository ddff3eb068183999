"""Reads of pools and codes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.runtime import runtime
from app.discounts.model import DiscountCode, DiscountPool


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


def shops_without_pool() -> list[int]:
    """The shops whose offer has no pool for today; asked across shops, before one is bound."""
    with runtime().engine.connect() as connection:
        return list(connection.execute(text("SELECT okaeri_shops_without_pool()")).scalars())


def any_shop_without_pool() -> bool:
    """The clock's question before it rings."""
    return bool(shops_without_pool())
