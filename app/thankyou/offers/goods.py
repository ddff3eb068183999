"""What an offer would sell, as it stands in the store now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from app.core.together import Question, Rows
from app.mirror.model import Order, OrderLine, Product, Variant
from app.recommendations import queries as recommendations
from app.thankyou.model import Offer

#: So many suggestions are looked at before there is nothing to suggest.
MOST_SUGGESTED = 5


@dataclass(frozen=True)
class Goods:
    """Variants that are sold together, with their products; `why` is the recommendations' code,
    `returned` whether the customer they are meant for ever gave one of the products back."""

    pairs: tuple[tuple[Product, Variant], ...]
    why: str = ""
    returned: bool = False

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


def of_variants(
    session: Session, numbers: Sequence[int], why: str = "", customer_id: int | None = None
) -> Goods | None:
    """These variants; None when one of them, or its product, is not sold any more. A customer they
    are meant for is looked up, too."""
    rows = _named().ask(session, {"variants": list(numbers), "customer": customer_id})
    return goods_of(rows, numbers, why)


def goods_of(rows: Rows, numbers: Sequence[int], why: str = "") -> Goods | None:
    """These variants among the answer to `on_offer`; None as for `of_variants`."""
    rows = [row for row in rows if row[1].shopify_id in numbers]
    found = {variant.shopify_id: (product, variant) for product, variant, _back in rows}
    if not numbers or found.keys() != set(numbers):
        return None
    returned = any(back for _product, _variant, back in rows)
    return Goods(tuple(found[number] for number in numbers), why, returned)


@cache
def on_offer() -> Question:
    """What the offers of a `step` that are switched on name, and whether a `customer` ever gave it
    back."""
    named = cast(func.jsonb_array_elements_text(Offer.variants), BigInteger)
    return _sold(
        func.array(select(named).where(OFFERED).scalar_subquery(), type_=ARRAY(BigInteger))
    )


#: The offers of a `step` that are switched on.
OFFERED = and_(
    Offer.enabled, Offer.step == bindparam("step", type_=Integer), Offer.removed_at.is_(None)
)


@cache
def _named() -> Question:
    return _sold(bindparam("variants", type_=ARRAY(BigInteger)))


def _sold(variants: ColumnElement[Sequence[int]]) -> Question:
    return Question(
        select(Product, Variant, _given_back(bindparam("customer", type_=BigInteger)))
        .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
        .where(
            Variant.shopify_id == any_(variants),
            Product.deleted_at.is_(None),
            Product.status == "active",
        )
    )


def _given_back(customer: BindParameter[int]) -> ColumnElement[bool]:
    """Whether a customer ever gave the product back."""
    return (
        select(literal(1))
        .select_from(OrderLine)
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .where(
            Order.customer_id == customer,
            OrderLine.product_shopify_id == Product.shopify_id,
            OrderLine.current_quantity < OrderLine.quantity,
        )
        .exists()
        .label("given_back")
    )


def candidates(
    session: Session, offer: Offer, order: Order, known: Rows | None = None
) -> Iterator[Goods]:
    """What the offer might sell after an order: its own variants, or what is suggested, the best
    first. `known` is the answer to `on_offer` where it was asked."""
    if offer.what != "recommended":
        found = (
            of_variants(session, offer.variants, customer_id=order.customer_id)
            if known is None
            else goods_of(known, offer.variants)
        )
        if found is not None:
            yield found
        return
    for one in recommendations.suggest(
        session, order_id=order.id, purpose="complement", limit=MOST_SUGGESTED
    ):
        found = of_variants(session, [one.variant_shopify_id], one.reason_code, order.customer_id)
        if found is not None:
            yield found
