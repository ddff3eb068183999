"""Store what a person submitted, once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.mirror.model import Customer
from app.reviews.events import ReviewSubmitted
from app.reviews.model import Review
from app.reviews.queries import Subject, of_line
from app.reviews.rules import Draft


def submit(
    session: Session, about: Subject, draft: Draft, *, locale: str, message_id: int | None
) -> Review:
    """Store the review of a line. Whoever submits twice gets the first one back unchanged."""
    made = session.execute(
        insert(Review)
        .values(
            shop_id=session.info["shop_id"],
            order_id=about.order_id,
            line_id=about.line_id,
            customer_id=about.customer_id,
            product_shopify_id=about.product_shopify_id,
            stars=draft.stars,
            title=draft.title,
            body=draft.body,
            display_name=draft.display_name,
            locale=locale,
            state="pending",
            evidence={"asked_by_message": message_id},
        )
        .on_conflict_do_nothing()
        .returning(Review.id)
    ).scalar_one_or_none()
    review = of_line(session, about.line_id)
    assert review is not None  # noqa: S101  # inserted above or by the one who was first
    if made is not None:
        record(
            session,
            ReviewSubmitted(
                occurred_at=now(session),
                order_id=about.order_id,
                customer_id=about.customer_id,
                review_id=made,
                line_id=about.line_id,
                stars=draft.stars,
            ),
        )
    return review


def erase(session: Session, customer: Customer) -> int:
    """Delete what a person wrote; returns how many reviews went."""
    gone = session.execute(
        delete(Review).where(Review.customer_id == customer.id).returning(Review.id)
    )
    return len(gone.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What a person wrote, and what they were asked."""
    rows = session.scalars(
        select(Review).where(Review.customer_id == customer.id).order_by(Review.id)
    )
    return [
        {
            "stars": row.stars,
            "title": row.title,
            "body": row.body,
            "display_name": row.display_name,
            "state": row.state,
            "incentive": row.incentive,
            "evidence": row.evidence,
            "submitted_at": row.submitted_at,
        }
        for row in rows
    ]
