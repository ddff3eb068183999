"""Reads of reviews, and what the review page shows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.messages.extras import Proof
from app.mirror import queries as mirror
from app.reviews.model import Review

#: Fewer reviews say more about chance than about the shop [our own bound].
ENOUGH = 5


@dataclass(frozen=True)
class Subject:
    """What is reviewed: one bought line."""

    order_id: int
    order_name: str
    line_id: int
    customer_id: int | None
    product_shopify_id: int | None
    title: str
    variant: str
    image_url: str | None


def subject(session: Session, order_id: int, line_id: int) -> Subject:
    """The line a review link names; raises `NotFound` when it is not one of that order."""
    order, line = mirror.order(session, order_id), mirror.line(session, line_id)
    if line.order_id != order.id:
        raise NotFound
    product = mirror.products_for_lines(session, [line]).get(line.product_shopify_id or 0)
    variant = mirror.variants_for_lines(session, [line]).get(line.variant_shopify_id or 0)
    return Subject(
        order_id=order.id,
        order_name=order.name,
        line_id=line.id,
        customer_id=order.customer_id,
        product_shopify_id=line.product_shopify_id,
        title=line.title,
        variant=line.variant_title,
        image_url=(variant and variant.image_url) or (product and product.image_url) or None,
    )


def of_line(session: Session, line_id: int) -> Review | None:
    """The review of a line, if there is one."""
    return session.scalars(select(Review).where(Review.line_id == line_id)).one_or_none()


def of_order(session: Session, order_id: int) -> list[Review]:
    """An order's reviews."""
    return list(
        session.scalars(select(Review).where(Review.order_id == order_id).order_by(Review.id))
    )


def newest(session: Session, limit: int = 100) -> list[tuple[Review, Subject]]:
    """The newest reviews with what they are about."""
    rows = session.scalars(select(Review).order_by(Review.id.desc()).limit(limit)).all()
    return [(row, subject(session, row.order_id, row.line_id)) for row in rows]


def average(session: Session) -> tuple[int, float | None]:
    """How many reviews there are and their mean; every review counts the same (RV-7)."""
    count, mean = session.execute(select(func.count(), func.avg(Review.stars))).one()
    return count, float(mean) if mean is not None else None


def proof(session: Session, _customer_id: int | None = None) -> Proof | None:
    """What all published reviews say together, for a mail (RV-4, RV-7); None while they are few."""
    count, mean, rewarded = session.execute(
        select(func.count(), func.avg(Review.stars), func.count(Review.incentive)).where(
            Review.state == "published"
        )
    ).one()
    return Proof(f"{mean:.1f}", count, bool(rewarded)) if count >= ENOUGH else None
