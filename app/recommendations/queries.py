"""What to suggest, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.locale import gettext as _
from app.core.together import Rows
from app.mirror.model import Product
from app.recommendations import sources
from app.recommendations.model import RecommendationPair, RecommendationPick
from app.recommendations.sources import Candidate

Purpose = Literal["complement", "upgrade", "related", "alternative", "next"]


@dataclass(frozen=True)
class Suggestion:
    """A product to show, with the variant it would be bought as. `price_minor` is in minor units
    of `currency`; `reason_code` is for `reason_text`."""

    product_shopify_id: int
    variant_shopify_id: int
    title: str
    image_url: str | None
    price_minor: int
    currency: str
    url: str
    reason_code: str


def suggest(
    session: Session,
    *,
    order_id: int | None = None,
    customer_id: int | None = None,
    product_shopify_id: int | None = None,
    purpose: Purpose,
    limit: int = 3,
    had: Rows | None = None,
) -> list[Suggestion]:
    """At most `limit` products for a purpose, the best first; none when nothing is known to fit.

    They start from a product, an order, or a customer's newest order. Never what that person
    bought or returned lately, never what is sold out, always within 40–160 % of the price of what
    was bought (a merchant's own picks aside). `complement`: bought in one order with it; `next`:
    bought after it; `upgrade`: the same type, a step dearer; `alternative`: instead of it;
    `related`: any of these. `had` is the answer to `HAD` where it was asked.
    """
    start = sources.start(session, order_id, customer_id, product_shopify_id, had)
    if not start.products:
        return []
    found: dict[int, Suggestion] = {}
    for candidate in sources.candidates(session, start, purpose):
        if len(found) >= limit:
            break
        found.setdefault(candidate.offer.product_shopify_id, _suggestion(candidate, start))
    return list(found.values())


def reason_text(code: str) -> str:
    """Why something is suggested, in the reader's language; empty for an unknown reason."""
    texts = {
        "picked": _("Our recommendation"),
        "together": _("Many people buy these together"),
        "next": _("Many people choose this next"),
        "same_type": _("Of the same kind"),
        "same_vendor": _("From the same maker"),
        "step_up": _("A step up"),
    }
    return texts.get(code, "")


def _suggestion(candidate: Candidate, start: sources.Start) -> Suggestion:
    offer = candidate.offer
    path = f"products/{offer.handle}?variant={offer.variant_shopify_id}"
    return Suggestion(
        product_shopify_id=offer.product_shopify_id,
        variant_shopify_id=offer.variant_shopify_id,
        title=offer.title,
        image_url=offer.variant_picture or offer.picture,
        price_minor=offer.price_minor,
        currency=start.currency,
        url=f"{start.storefront_url}/{path}",
        reason_code=candidate.reason,
    )


@dataclass(frozen=True)
class Known:
    """For which products something is known to go with them: `learnt` are relations and products,
    `picked` the products with a merchant's own picks (0: picks for everything)."""

    learnt: frozenset[tuple[str, int]]
    picked: frozenset[int]

    def knows(self, bought: set[int], relations: tuple[str, ...]) -> bool:
        """Whether anything goes with what was bought, by a pick or by one of the relations."""
        if not self.picked.isdisjoint({sources.EVERYTHING, *bought}):
            return True
        return any((relation, one) in self.learnt for relation in relations for one in bought)


def known(session: Session) -> Known:
    """What may be suggested at all, in two statements: for those who ask about thousands of orders.
    Stock, prices and what a person had already are `suggest`'s questions."""
    pair = RecommendationPair
    learnt = session.execute(select(pair.relation, pair.product_shopify_id).distinct())
    picked = session.scalars(select(RecommendationPick.product_shopify_id).distinct())
    return Known(frozenset((one, number) for one, number in learnt), frozenset(picked))


@dataclass(frozen=True)
class Picked:
    """A merchant's pick: `beside` is the product it is shown with, None for all."""

    id: int
    title: str
    beside: str | None


@dataclass(frozen=True)
class Learnt:
    """Who buys `first` also buys `second`: in `percent` of the cases, `times` as often as anybody
    does, seen in `together` orders."""

    first: str
    second: str
    together: int
    percent: int
    times: float


def picks(session: Session) -> list[Picked]:
    """The merchant's picks, those for everything first."""
    rows = session.scalars(
        select(RecommendationPick).order_by(
            RecommendationPick.product_shopify_id, RecommendationPick.id
        )
    ).all()
    names = _titles(session, {n for r in rows for n in (r.product_shopify_id, r.picked_shopify_id)})
    return [
        Picked(r.id, names.get(r.picked_shopify_id, "–"), names.get(r.product_shopify_id))
        for r in rows
    ]


def strongest(session: Session, limit: int = 20) -> list[Learnt]:
    """The pairs that orders have taught best."""
    pair = RecommendationPair
    rows = session.scalars(
        select(pair).where(pair.relation == "together").order_by(pair.score.desc()).limit(limit)
    ).all()
    names = _titles(session, {n for r in rows for n in (r.product_shopify_id, r.other_shopify_id)})
    return [
        Learnt(
            names[r.product_shopify_id], names[r.other_shopify_id], r.together,
            round(100 * r.confidence), round(r.lift, 1),
        )
        for r in rows
        if r.product_shopify_id in names and r.other_shopify_id in names
    ]  # fmt: skip


def _titles(session: Session, numbers: set[int]) -> dict[int, str]:
    rows = session.execute(
        select(Product.shopify_id, Product.title).where(Product.shopify_id.in_(numbers))
    )
    return {row.shopify_id: row.title for row in rows}
