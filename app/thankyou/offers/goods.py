"""What an offer would sell, as it stands in the store now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.model import Order, OrderLine, Product, Variant
from app.recommendations import queries as recommendations
from app.thankyou.model import Offer

#: So many suggestions are looked at before there is nothing to suggest.
MOST_SUGGESTED = 5


@dataclass(frozen=True)
class Goods:
    """Variants that are sold together, with their products; `why` is the recommendations' code."""

    pairs: tuple[tuple[Product, Variant], ...]
    why: str = ""

    @property
    def variants(self) -> list[int]:
        """Shopify's ids."""
        return [variant.shopify_id for _product, variant in self.pairs]

    @property
    def products(self) -> frozenset[int]:
        """Shopify's ids."""
        return frozenset(product.shopify_id for product, _variant in self.pairs)

    @property
    def title(self) -> str:
        """What it is called."""
        return " + ".join(title_of(product, variant) for product, variant in self.pairs)

    @property
    def available(self) -> bool:
        """Whether every part can be bought now."""
        return all(in_stock(variant) for _product, variant in self.pairs)

    @property
    def stock(self) -> int | None:
        """How many could be sold; None when nobody counts."""
        counted = [
            variant.inventory for _product, variant in self.pairs if variant.inventory is not None
        ]
        return min(counted, default=None)


def in_stock(variant: Variant) -> bool:
    """Whether a variant can be bought now."""
    return variant.available and (variant.inventory is None or variant.inventory > 0)


def title_of(product: Product, variant: Variant) -> str:
    """What a variant is called: its product, and which one."""
    plain = not variant.title or variant.title == "Default Title"
    return product.title if plain else f"{product.title} / {variant.title}"


def of_variants(session: Session, numbers: Sequence[int], why: str = "") -> Goods | None:
    """These variants; None when one of them, or its product, is not sold any more."""
    rows = session.execute(
        select(Product, Variant)
        .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
        .where(
            Variant.shopify_id.in_(list(numbers)),
            Product.deleted_at.is_(None),
            Product.status == "active",
        )
    )
    found = {variant.shopify_id: (product, variant) for product, variant in rows}
    if not numbers or found.keys() != set(numbers):
        return None
    return Goods(tuple(found[number] for number in numbers), why)


def candidates(session: Session, offer: Offer, order: Order) -> Iterable[Goods]:
    """What the offer might sell after an order: its own variants, or what is suggested, the best
    first."""
    if offer.what != "recommended":
        found = of_variants(session, offer.variants)
        return [found] if found else []
    suggested = recommendations.suggest(
        session, order_id=order.id, purpose="complement", limit=MOST_SUGGESTED
    )
    wares = (of_variants(session, [one.variant_shopify_id], one.reason_code) for one in suggested)
    return [one for one in wares if one is not None]


def returned(session: Session, order: Order, products: Iterable[int]) -> bool:
    """Whether this customer ever gave one of these products back."""
    if order.customer_id is None:
        return False
    query = (
        select(OrderLine.id)
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .where(
            Order.customer_id == order.customer_id,
            OrderLine.product_shopify_id.in_(list(products)),
            OrderLine.current_quantity < OrderLine.quantity,
        )
        .limit(1)
    )
    return session.scalar(query) is not None
