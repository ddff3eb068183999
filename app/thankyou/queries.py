"""Reads of visits and offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.locale import gettext as _
from app.mirror.model import Order
from app.thankyou import rules
from app.thankyou.model import OfferGrant, ThankYouVisit


@dataclass(frozen=True)
class OfferStory:
    """What became of an order's offer, for the merchant: `state` is `none` (then `why` says it),
    `open`, `over` or `accepted`."""

    state: str
    why: str
    shown_at: datetime
    deadline: datetime | None
    title: str
    percent: int | None
    accepted_order_id: int | None


def visit_of(session: Session, checkout_token: str) -> ThankYouVisit | None:
    """The visit of a checkout's thank-you page, if it was ever seen."""
    return session.scalars(
        select(ThankYouVisit).where(ThankYouVisit.checkout_token == checkout_token)
    ).one_or_none()


def grant(session: Session, grant_id: int) -> OfferGrant:
    """One decision about an offer; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(OfferGrant, (session.info["shop_id"], grant_id))
    if found is None:
        raise NotFound
    return found


def grant_of_checkout(session: Session, checkout_token: str) -> OfferGrant | None:
    """What was decided about a checkout's offer; None before it was."""
    return session.scalars(
        select(OfferGrant).where(OfferGrant.checkout_token == checkout_token)
    ).one_or_none()


def grants_of_codes(session: Session, code_ids: list[int]) -> list[OfferGrant]:
    """The offers for which these codes were handed out."""
    if not code_ids:
        return []
    return list(session.scalars(select(OfferGrant).where(OfferGrant.code_id.in_(code_ids))))


def last_offer_at(session: Session, customer_id: int | None, but: str) -> datetime | None:
    """When a customer was last made an offer, on any order's page but that of one checkout."""
    if customer_id is None:
        return None
    return session.execute(
        select(func.max(OfferGrant.shown_at))
        .join(
            ThankYouVisit,
            (ThankYouVisit.shop_id == OfferGrant.shop_id)
            & (ThankYouVisit.checkout_token == OfferGrant.checkout_token),
        )
        .join(
            Order, (Order.shop_id == ThankYouVisit.shop_id) & (Order.id == ThankYouVisit.order_id)
        )
        .where(
            Order.customer_id == customer_id,
            OfferGrant.deadline.is_not(None),
            OfferGrant.checkout_token != but,
        )
    ).scalar_one()


def offer_story(session: Session, order_id: int, now: datetime) -> OfferStory | None:
    """What became of the offer on an order's thank-you page; None when the page was never seen."""
    found = session.scalars(
        select(OfferGrant)
        .join(
            ThankYouVisit,
            (ThankYouVisit.shop_id == OfferGrant.shop_id)
            & (ThankYouVisit.checkout_token == OfferGrant.checkout_token),
        )
        .where(ThankYouVisit.order_id == order_id)
        .order_by(OfferGrant.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return OfferStory(
        state=_state(found, now),
        why=reason_text(found.reason),
        shown_at=found.shown_at,
        deadline=found.deadline,
        title=str(found.terms.get("title", "")),
        percent=found.terms.get("percent"),
        accepted_order_id=found.accepted_order_id,
    )


def reason_text(reason: str | None) -> str:
    """Why there was no offer, as a sentence for the merchant; empty when there was one."""
    return _(rules.REASONS.get(reason, reason)) if reason else ""


def _state(found: OfferGrant, now: datetime) -> str:
    if found.deadline is None:
        return "none"
    if found.accepted_order_id is not None:
        return "accepted"
    return "open" if now < found.deadline else "over"
