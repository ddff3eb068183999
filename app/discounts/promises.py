"""What customers were told would end, and who was told: for whoever gives something later
(rules.md TM-2, TM-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.discounts.model import CoolOff
from app.discounts.queries import timed_campaigns
from app.discounts.terms import Terms, undercuts
from app.mirror import queries as mirror
from app.mirror.model import Order, Product


@dataclass(frozen=True)
class Promise:
    """An offer with a deadline: its product (Shopify's id), what it gives, and what the product's
    variants cost, in minor units."""

    product: int
    terms: Terms
    prices: tuple[int, ...]


def standing(session: Session) -> list[Promise]:
    """What the thank-you page sells until a deadline."""
    found = []
    for campaign in timed_campaigns(session):
        for variant in campaign.variants:
            sold = mirror.variant(session, variant)
            product = sold and mirror.product_by_id(session, sold.product_id)
            if product:
                found.append(_promise(session, product, campaign.percent))
    return found


def told(session: Session, given: Iterable[Terms]) -> set[int]:
    """The customers who were told lately that a price ends, and who would be as well off or better
    by one of these terms: until their thirty days are over they are not to be given them."""
    wanted, shipping = list(given), mirror.usual_shipping(session)
    rows = session.execute(
        select(Order.customer_id, CoolOff.product_shopify_id, CoolOff.percent)
        .join(Order, (Order.shop_id == CoolOff.shop_id) & (Order.id == CoolOff.order_id))
        .where(CoolOff.until > now(session), Order.customer_id.is_not(None))
    ).all()
    untrue = {
        (number, percent)
        for number, percent in {(row[1], row[2]) for row in rows}
        if _is_undercut(session, number, percent, wanted, shipping)
    }
    return {row[0] for row in rows if (row[1], row[2]) in untrue and row[0] is not None}


def _is_undercut(
    session: Session, number: int, percent: int, given: list[Terms], shipping: int
) -> bool:
    product = mirror.product_by_shopify_id(session, number)
    if product is None:
        return False
    promise = _promise(session, product, percent)
    return any(
        undercuts(terms, promise.terms, price, shipping)
        for terms in given
        for price in promise.prices
    )


def _promise(session: Session, product: Product, percent: int) -> Promise:
    prices = tuple(one.price_minor for one in mirror.variants_of(session, product.id))
    return Promise(product.shopify_id, Terms(percent=percent), prices)
