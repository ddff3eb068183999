"""Where suggestions come from, and what keeps one back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, DateTime, any_, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.keeping import kept
from app.core.together import Question, Rows
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


class Bought(NamedTuple):
    """A product that suggestions start from."""

    id: int
    shopify_id: int
    product_type: str
    vendor: str


class Had(NamedTuple):
    """A line of an order, with its product as far as we know it."""

    order_id: int
    price_minor: int
    number: int | None
    id: int | None
    product_type: str
    vendor: str


class Offer(NamedTuple):
    """A variant that can be bought now, with what its product is called."""

    product_shopify_id: int
    title: str
    handle: str
    picture: str | None
    variant_shopify_id: int
    variant_picture: str | None
    price_minor: int


@dataclass(frozen=True)
class Start:
    """What suggestions start from. `price_minor` is the dearest unit among it."""

    products: list[Bought]
    price_minor: int
    unwanted: frozenset[int]
    currency: str
    storefront_url: str


@dataclass(frozen=True)
class Candidate:
    """A product that may be suggested, as the variant it would be bought as, and why."""

    offer: Offer
    reason: str


#: `Had`: the lines of an `order`, what a `customer` bought `since` and what they ever gave back.
HAD = Question(
    select(
        OrderLine.order_id,
        OrderLine.price_minor,
        OrderLine.product_shopify_id.label("number"),
        Product.id,
        Product.product_type,
        Product.vendor,
    )
    .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
    .outerjoin(
        Product,
        (Product.shop_id == OrderLine.shop_id)
        & (Product.shopify_id == OrderLine.product_shopify_id),
    )
    .where(
        (Order.id == bindparam("order", type_=BigInteger))
        | (
            (Order.customer_id == bindparam("customer", type_=BigInteger))
            & (
                (Order.placed_at > bindparam("since", type_=DateTime(timezone=True)))
                | (OrderLine.current_quantity < OrderLine.quantity)
            )
        )
    ),
    OrderLine.id,
)

_OF_PRODUCTS = bindparam("products", type_=ARRAY(BigInteger))

#: What orders taught of some `products`, the best first.
LEARNT = Question(
    select(RecommendationPair.relation, RecommendationPair.other_shopify_id)
    .where(RecommendationPair.product_shopify_id == any_(_OF_PRODUCTS))
    .group_by(RecommendationPair.relation, RecommendationPair.other_shopify_id),
    func.max(RecommendationPair.score).desc(),
    RecommendationPair.other_shopify_id,
)

#: Under this name the merchant's picks are kept.
PICKED = "recommendations.picks"

#: The merchant's picks, in the order in which they were made.
PICKS = Question(
    select(RecommendationPick.product_shopify_id, RecommendationPick.picked_shopify_id),
    RecommendationPick.id,
)

#: What of some `products` can be bought now, the cheapest first.
OFFERS = Question(
    select(
        Product.shopify_id,
        Product.title,
        Product.handle,
        Product.image_url,
        Variant.shopify_id,
        Variant.image_url,
        Variant.price_minor,
    )
    .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
    .where(
        Product.shopify_id == any_(_OF_PRODUCTS),
        Product.deleted_at.is_(None),
        Product.status == "active",
        Variant.available,
        Variant.price_minor > 0,
    ),
    Variant.price_minor,
    Variant.id,
)


def start(
    session: Session,
    order_id: int | None,
    customer_id: int | None,
    product: int | None,
    had: Rows | None = None,
) -> Start:
    """What was bought, and what this person must not be shown again. `had` is the answer to `HAD`
    where it was asked."""
    order = _order(session, order_id, customer_id)
    buyer = customer_id or (order.customer_id if order else None)
    rows = (
        HAD.ask(session, named(session, buyer, order.id if order else None)) if had is None else had
    )
    lately = [Had(*row) for row in rows]
    lines = [line for line in lately if order and line.order_id == order.id]
    if product is not None:
        lines = [line for line in lines if line.number == product]
        bought = _bought(lines) or _named(session, product)
    else:
        bought = _bought(lines)
    shop = shops.shop(session)
    return Start(
        products=bought,
        price_minor=_price(session, [line.price_minor for line in lines], bought),
        unwanted=frozenset(one.shopify_id for one in bought)
        | {line.number for line in lately if line.number is not None},
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
    # All of them: a shop has few, and a batch asks for those of every product it is about.
    known = kept(session, PICKED, lambda: PICKS.ask(session, {}))
    picked = [other for beside, other in known if beside in numbers]
    # The merchant has seen the price: the band is for what nobody has looked at.
    return _offered(session, start, picked, "picked", band=False)


def _together(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _learnt(session, start, "together"), "together")


def _next(session: Session, start: Start) -> Iterator[Candidate]:
    return _offered(session, start, _learnt(session, start, "next"), "next")


def _learnt(session: Session, start: Start, relation: str) -> Sequence[int]:
    numbers = [product.shopify_id for product in start.products]
    # Every relation at once: what looks at one of them mostly looks at the others, too.
    known = kept(
        session,
        ("recommendations.learnt", *numbers),
        lambda: LEARNT.ask(session, {"products": numbers}),
    )
    return [other for kind, other in known if kind == relation][:MOST]


def _step_up(session: Session, start: Start) -> Iterator[Candidate]:
    for found in _offered(session, start, _alike(session, start, "product_type"), "step_up"):
        if rules.is_step_up(found.offer.price_minor, start.price_minor):
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
    query = (
        select(Product.shopify_id)
        .outerjoin(
            sold,
            (sold.shop_id == Product.shop_id) & (sold.product_shopify_id == Product.shopify_id),
        )
        .where(getattr(Product, trait).in_(shared))
        .order_by(func.coalesce(sold.baskets, 0).desc(), Product.id)
        .limit(MOST)
    )
    return kept(
        session,
        ("recommendations.alike", trait, *sorted(shared)),
        lambda: session.scalars(query).all(),
    )


def _one_maker(session: Session) -> bool:
    """A shop that sells only its own: being of the same maker says nothing there."""
    query = select(func.min(Product.vendor) == func.max(Product.vendor)).where(
        Product.deleted_at.is_(None), Product.vendor != ""
    )
    return kept(session, "recommendations.one_maker", lambda: session.scalar(query) is not False)


def _offered(
    session: Session, start: Start, numbers: Sequence[int], reason: str, *, band: bool = True
) -> Iterator[Candidate]:
    """Those of the products that can be bought now and fit, each as its cheapest fitting variant,
    in the order given."""
    fitting: dict[int, Candidate] = {}
    for offer in kept(
        session, ("recommendations.offers", *numbers), lambda: _offers(session, numbers)
    ):
        if _fits(offer, start, reason, band=band):
            fitting.setdefault(offer.product_shopify_id, Candidate(offer, reason))
    wanted = (number for number in numbers if number not in start.unwanted)
    return (fitting[number] for number in wanted if number in fitting)


def _offers(session: Session, numbers: Sequence[int]) -> list[Offer]:
    """What of these products can be bought now, the cheapest first."""
    if not numbers:
        return []
    return [Offer(*row) for row in OFFERS.ask(session, {"products": list(numbers)})]


def _fits(offer: Offer, start: Start, reason: str, *, band: bool) -> bool:
    if reason == "step_up":
        return rules.is_step_up(offer.price_minor, start.price_minor)
    return not band or rules.in_band(offer.price_minor, start.price_minor)


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


def _bought(lines: Sequence[Had]) -> list[Bought]:
    """The products of lines, those that we know, each once."""
    found = {
        line.number: Bought(line.id, line.number, line.product_type, line.vendor)
        for line in lines
        if line.id is not None and line.number is not None
    }
    return list(found.values())


def _named(session: Session, number: int) -> list[Bought]:
    found = mirror.product_by_shopify_id(session, number)
    return [Bought(found.id, number, found.product_type, found.vendor)] if found else []


def _price(session: Session, prices: Sequence[int], bought: Sequence[Bought]) -> int:
    if not prices and bought:
        prices = [v.price_minor for v in mirror.variants_of(session, bought[0].id)]
    return max(prices, default=0)


def named(session: Session, customer_id: int | None, order_id: int | None) -> dict[str, object]:
    """A person and an order, as `HAD` wants them named."""
    return {"customer": customer_id, "order": order_id, "since": now(session) - LATELY}
