"""Write down what variants cost, for as long as they cost it (rules.md TM-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.mirror.model import VariantPrice


def note_prices(
    session: Session, prices: Mapping[int, tuple[int, datetime]], currency: str, moment: datetime
) -> None:
    """Note what variants cost as of `moment`. `prices` maps Shopify's ids to a price in minor units
    and to since when Shopify says that nothing about the variant has changed, which counts for
    variants that are new to us."""
    open_now = {
        row.variant_shopify_id: row
        for row in session.scalars(
            select(VariantPrice).where(
                VariantPrice.variant_shopify_id.in_(list(prices)), VariantPrice.until.is_(None)
            )
        )
    }
    for number, (price, unchanged_since) in prices.items():
        known = open_now.get(number)
        if known is not None and (known.price_minor, known.currency) == (price, currency):
            continue
        since = min(unchanged_since, moment) if known is None else max(moment, known.since)
        if known is not None:
            known.until = since
            session.flush()
        session.add(
            VariantPrice(
                shop_id=session.info["shop_id"],
                variant_shopify_id=number,
                price_minor=price,
                currency=currency,
                since=since,
            )
        )


def end_prices(session: Session, numbers: Iterable[int], moment: datetime) -> None:
    """These variants are not sold any more."""
    session.execute(
        update(VariantPrice)
        .where(VariantPrice.variant_shopify_id.in_(list(numbers)), VariantPrice.until.is_(None))
        .values(until=moment)
        .execution_options(synchronize_session=False)
    )
