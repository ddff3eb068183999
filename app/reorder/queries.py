"""What the confirmation screen shows, and which reorders came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.money import Money
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine, Product, Variant
from app.parcels import expectations
from app.parcels import rules as parcels
from app.reorder import rules
from app.reorder.model import Reorder
from app.reorder.rules import Offered
from app.shops.service import shop


@dataclass(frozen=True)
class Screen:
    """The screen of rules.md TK-1: quantity and price of each line, what is paid in all, what
    shipping cost last time (the checkout fixes it), and when it would arrive."""

    order: Order
    lines: list[Offered]
    total: Money
    shipping_before: Money
    arrives: tuple[date, date] | None


def screen(
    session: Session, order_id: int, line_id: int | None, wishes: Mapping[int, str]
) -> Screen:
    """The screen for an order, or for one line of it, with the quantities a person wishes."""
    order = mirror.order(session, order_id)
    lines = [
        line
        for line in mirror.order_lines(session, order_id)
        if line.variant_shopify_id and not line.gift_card and line_id in (None, line.id)
    ]
    offered = _offered(session, order, lines, wishes)
    home = shop(session)
    arrives = (
        parcels.expected_dates(
            now(session), home.timezone, home.country, expectations.promise(session)
        )
        if any(line.requires_shipping for line in lines)
        else None
    )
    return Screen(
        order=order,
        lines=offered,
        total=rules.total(offered, home.currency),
        shipping_before=Money(order.shipping_minor, order.currency),
        arrives=arrives,
    )


def without(shown: Screen, gone: Collection[int]) -> Screen:
    """The screen with these variants (Shopify's ids) sold out."""
    lines = [
        replace(one, available=one.available and one.variant_shopify_id not in gone)
        for one in shown.lines
    ]
    return replace(shown, lines=lines, total=rules.total(lines, shown.total.currency))


def _offered(
    session: Session, order: Order, lines: list[OrderLine], wishes: Mapping[int, str]
) -> list[Offered]:
    variants = mirror.variants_for_lines(session, lines)
    products = mirror.products_for_lines(session, lines)
    currency = shop(session).currency
    return [
        _line(
            line,
            variants.get(line.variant_shopify_id or 0),
            products.get(line.product_shopify_id or 0),
            Money(line.price_minor, order.currency),
            currency,
            wishes.get(line.id),
        )
        for line in lines
    ]


def _line(
    line: OrderLine,
    variant: Variant | None,
    product: Product | None,
    before: Money,
    currency: str,
    wish: str | None,
) -> Offered:
    gone = product is None or product.deleted_at is not None or product.status != "active"
    return Offered(
        line_id=line.id,
        variant_shopify_id=line.variant_shopify_id or 0,
        title=product.title if product else line.title,
        variant=line.variant_title,
        image_url=(variant and variant.image_url) or (product and product.image_url) or None,
        price=Money(variant.price_minor, currency) if variant else before,
        before=before,
        available=variant is not None and variant.available and not gone,
        quantity=rules.quantity(wish, line.quantity),
    )


def completed(session: Session, limit: int = 20) -> list[Reorder]:
    """Reorders that became orders, newest first: what the merchant's home shows as results."""
    return list(
        session.scalars(
            select(Reorder)
            .where(Reorder.completed_at.is_not(None))
            .order_by(Reorder.completed_at.desc())
            .limit(limit)
        )
    )


def of_order(session: Session, order_id: int) -> list[Reorder]:
    """What came of an order's reorder links, and the link that brought it in turn."""
    return list(
        session.scalars(
            select(Reorder)
            .where((Reorder.order_id == order_id) | (Reorder.new_order_id == order_id))
            .order_by(Reorder.id)
        )
    )
