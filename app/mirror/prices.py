"""What variants have cost, and what may be said about it. All ids are Shopify's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, String, any_, bindparam, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.together import Question
from app.mirror.model import Order, OrderLine, Variant, VariantPrice
from app.mirror.reference import (
    USUAL_OF,
    Reference,
    Span,
    joined,
    reference,
    sighted,
)

Spans = dict[int, list[Span]]


def history(session: Session, variants: Sequence[int], currency: str, since: datetime) -> Spans:
    """The prices of variants from a moment on, oldest first: those noted, and for the time before
    we were told of changes, those that sales prove."""
    found: Spans = {number: [] for number in variants}
    given = {"variants": list(variants), "currency": currency, "since": since}
    for number, price, begun, until in _NOTED.ask(session, given):
        found[number].append(Span(price, begun, until))
    late = [one for one, spans in found.items() if not spans or spans[0].since > since]
    sales = _sales(session, late, currency, since) if late else {}
    for number, sold in sales.items():
        kept = found[number]
        found[number] = joined(sighted(sold, kept[0].since if kept else now(session)), kept)
    return found


_NOTED = Question(
    select(
        VariantPrice.variant_shopify_id,
        VariantPrice.price_minor,
        VariantPrice.since,
        VariantPrice.until,
    ).where(
        VariantPrice.variant_shopify_id == any_(bindparam("variants", type_=ARRAY(BigInteger))),
        VariantPrice.currency == bindparam("currency", type_=String),
        VariantPrice.until.is_(None)
        | (VariantPrice.until > bindparam("since", type_=DateTime(timezone=True))),
    ),
    VariantPrice.since,
    VariantPrice.id,
)


def _sales(
    session: Session, variants: Sequence[int], currency: str, since: datetime
) -> dict[int, list[tuple[datetime, int]]]:
    """When each variant was sold at which price before discounts."""
    rows = session.execute(
        select(OrderLine.variant_shopify_id, Order.placed_at, OrderLine.price_minor)
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .join(
            Variant,
            (Variant.shop_id == OrderLine.shop_id)
            & (Variant.shopify_id == OrderLine.variant_shopify_id),
        )
        .where(
            OrderLine.variant_shopify_id.in_(list(variants)),
            Order.placed_at >= since,
            Order.currency == currency,
            Order.test.is_(False),
        )
        .order_by(Order.placed_at, Order.id)
    )
    found: dict[int, list[tuple[datetime, int]]] = {}
    for number, at, price in rows:
        found.setdefault(int(number or 0), []).append((at, price))
    return found


def references(
    session: Session, prices: Sequence[tuple[int, int]], currency: str, country: str | None
) -> list[Reference]:
    """What may be shown as the earlier price of each of these (variant, price in the store)."""
    moment = now(session)
    spans = history(session, [number for number, _price in prices], currency, moment - USUAL_OF)
    return [reference(spans[number], price, country, moment) for number, price in prices]
