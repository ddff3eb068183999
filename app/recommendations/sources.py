"""Where suggestions come from, and what keeps one back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine, Product, Variant
from app.recommendations import rules
from app.recommendations.model import RecommendationPair, RecommendationPick, RecommendationSale
from app.shops import service as shops

#: What was bought within this time is not suggested again.
LATELY = timedelta(days=90)
#: How many of a source are looked at: most of them pass.
MOST = 40
#: Picks for everything stand under this number of a product.
EVERYTHING = 0


@dataclass(frozen=True)
class Start:
    """What suggestions start from. `price_minor` is the dearest unit among it."""

    products: list[Product]
    price_minor: int
    unwanted: frozenset[int]
    currency: str
    storefront_url: str


@dataclass(frozen=True)
class Candidate:
    """A product that may be suggested, the variant it would be bought as, and why."""

    product: Product
    variant: Variant
    reason: str


def start(
    session: Session, order_id: int | None, customer_id: int | None, product: int | None
) -> Start:
    """What was bought, and what this person must not be shown again."""
    order = _order(session, order_id, customer_id)
    lines = mirror.order_lines(session, order.id) if order else []
    if product is not None:
        known = mirror.product_by_shopify_id(session, product)
        bought = [known] if known else []
        lines = [line for line in lines if line.product_shopify_id == product]
    else:
        bought = list(mirror.products_for_lines(session, lines).values())
    shop = shops.shop(session)
    person = customer_id or (order.customer_id if order else None)
    return Start(
        products=bought,
        price_minor=_price(session, lines, bought),
        unwanted=frozenset({p.shopify_id for p in bought} | _had(session, person, order)),
        currency=shop.currency,
        storefront_url=shop.storefront_url,
    )


def candidates(session: Session, start: Start, purpose: str) -> Iterator[Candidate]:
    """What fits a purpose, the best first: the merchant's picks for these very products, what
    orders have taught, what is of the same type or maker, and the picks for everything."""
    sources = {
        "complement": (_own_picks, _together, _general_picks),
        "next": (_own_picks, _next, _together, _general_picks),
        "upgrade": (_step_up,),
        "alternative": (_same_type, _same_vendor),
        "related": (_own_picks, _together, _next, _same_type, _same_vendor, _general_picks),
    }
    for source in sources[purpose]:
        yield from source(session, start)


def _own_picks(session: Session, start: Start) -> Iterator[Candidate]:
    return _picks(session, start, [product.shopify_id for product in start.products])


def _general_picks(session: Session, start: Start) -> Iterator[Candidate]:
    return _picks(session, start, [EVERYTHING])


def _picks(session: Session, start: Start, numbers: list[int]) -> Iterator[Candidate]:
    picked = session.scalars(
        select(RecommendationPick.picked_shopify_id)
        .where(RecommendationPick.product_shopify_id.in_(numbers))
        .order_by(RecommendationPick.id)
    ).all()
    # The merchant has seen the price: the band is for what nobody has looked at.
    return _offered(session, start, picked, "picked", band=False)


def _together(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _learnt(session, start, "together"), "together")


def _next(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _learnt(session, start, "next"), "next")


def _learnt(session: Session, start: Start, relation: str) -> Sequence[int]:
    pair = RecommendationPair
    return session.scalars(
        select(pair.other_shopify_id)
        .where(
            pair.relation == relation,
            pair.product_shopify_id.in_([product.shopify_id for product in start.products]),
        )
        .group_by(pair.other_shopify_id)
        .order_by(func.max(pair.score).desc(), pair.other_shopify_id)
        .limit(MOST)
    ).all()


def _step_up(session: Session, start: Start) -> Iterator[Candidate]:
    for found in _offered(session, start, _alike(session, start, "product_type"), "step_up"):
        if rules.is_step_up(found.variant.price_minor, start.price_minor):
            yield found


def _same_type(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _alike(session, start, "product_type"), "same_type")


def _same_vendor(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _alike(session, start, "vendor"), "same_vendor")


def _alike(session: Session, start: Start, trait: str) -> Sequence[int]:
    """Products that share a trait with what was bought, what sold best when it was last learnt
    first."""
    shared = {value for product in start.products if (value := getattr(product, trait))}
    if not shared or (trait == "vendor" and _one_maker(session)):
        return []
    sold = RecommendationSale
    return session.scalars(
        select(Product.shopify_id)
        .outerjoin(
            sold,
            (sold.shop_id == Product.shop_id) & (sold.product_shopify_id == Product.shopify_id),
        )
        .where(getattr(Product, trait).in_(shared))
        .order_by(func.coalesce(sold.baskets, 0).desc(), Product.id)
        .limit(MOST)
    ).all()


def _one_maker(session: Session) -> bool:
    """A shop that sells only its own: being of the same maker says nothing there."""
    first, last = session.execute(
        select(func.min(Product.vendor), func.max(Product.vendor)).where(
            Product.deleted_at.is_(None), Product.vendor != ""
        )
    ).one()
    return bool(first == last)


def _offered(
    session: Session, start: Start, numbers: Sequence[int], reason: str, *, band: bool = True
) -> Iterator[Candidate]:
    """Those of the products that can be bought now and fit, each as its cheapest fitting variant,
    in the order given."""
    wanted = [number for number in numbers if number not in start.unwanted]
    rows = session.execute(
        select(Product, Variant)
        .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
        .where(
            Product.shopify_id.in_(wanted),
            Product.deleted_at.is_(None),
            Product.status == "active",
            Variant.available,
        )
        .order_by(Variant.price_minor, Variant.id)
    )
    fitting: dict[int, Candidate] = {}
    for product, variant in rows:
        if variant.price_minor > 0 and _fits(variant, start, reason, band=band):
            fitting.setdefault(product.shopify_id, Candidate(product, variant, reason))
    return (fitting[number] for number in wanted if number in fitting)


def _fits(variant: Variant, start: Start, reason: str, *, band: bool) -> bool:
    if variant.inventory is not None and variant.inventory <= 0 and not variant.available:
        return False
    if reason == "step_up":
        return rules.is_step_up(variant.price_minor, start.price_minor)
    return not band or rules.in_band(variant.price_minor, start.price_minor)


def _order(session: Session, order_id: int | None, customer_id: int | None) -> Order | None:
    if order_id is not None:
        return mirror.order(session, order_id)
    if customer_id is None:
        return None
    return session.scalars(
        select(Order)
        .where(Order.customer_id == customer_id, Order.cancelled_at.is_(None))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(1)
    ).one_or_none()


def _price(session: Session, lines: Sequence[OrderLine], bought: Sequence[Product]) -> int:
    prices = [line.price_minor for line in lines]
    if not prices and bought:
        prices = [v.price_minor for v in mirror.variants_of(session, bought[0].id)]
    return max(prices, default=0)


def _had(session: Session, customer_id: int | None, order: Order | None) -> set[int]:
    """Products of the order, what the person bought lately, and what they ever gave back."""
    mine = Order.id == (order.id if order else None)
    if customer_id is not None:
        lately = Order.placed_at > now(session) - LATELY
        given_back = OrderLine.current_quantity < OrderLine.quantity
        mine = mine | ((Order.customer_id == customer_id) & (lately | given_back))
    rows = session.scalars(
        select(OrderLine.product_shopify_id)
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .where(mine)
    )
    return {number for number in rows if number is not None}
