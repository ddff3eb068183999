"""Reads of visits and offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, String, bindparam, func, literal, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.mirror.model import Customer, Order
from app.thankyou import rules
from app.thankyou.model import OfferDecision, OfferGrant, ThankYouVisit
from app.thankyou.offers import reasons

#: For so long a checkout whose order is not known counts as a stranger.
STRANGE = timedelta(minutes=10)


@dataclass(frozen=True)
class OfferStory:
    """What became of an order's offer, for the merchant: `state` is `none` (then `why` says it),
    `open`, `declined`, `over` or `accepted`."""

    state: str
    why: str
    shown_at: datetime
    deadline: datetime | None
    title: str
    percent: int | None
    accepted_order_id: int | None


def strangers(session: Session, most: int) -> bool:
    """Whether so many checkouts whose order is not known were first seen in the last minutes."""
    recent = (
        select(literal(1))
        .where(
            ThankYouVisit.order_id.is_(None),
            ThankYouVisit.first_seen_at > now(session) - STRANGE,
        )
        .limit(most)
    )
    found = session.scalar(select(func.count()).select_from(recent.subquery())) or 0
    return found >= most


def visit_of(session: Session, checkout_token: str) -> ThankYouVisit | None:
    """The visit of a checkout's thank-you page, if it was ever seen."""
    return session.scalars(
        select(ThankYouVisit).where(ThankYouVisit.checkout_token == checkout_token)
    ).one_or_none()


class Looked(NamedTuple):
    """What is kept of a checkout, and whose order came out of it."""

    visit: ThankYouVisit | None
    order: Order | None
    customer: Customer | None
    grant: OfferGrant | None


def looked_at(session: Session, checkout_token: str) -> Looked:
    """A checkout's visit, its order with the buyer, and what was last decided about its offer: in
    one statement."""
    return Looked(*session.execute(_looking(), {"token": checkout_token}).one())


@cache
def _looking() -> Select[ThankYouVisit, Order, Customer, OfferGrant]:
    """Built once: putting it together takes longer than the database with it."""
    token = bindparam("token", type_=String)
    return (
        select(ThankYouVisit, Order, Customer, OfferGrant)
        .select_from(select(token.label("token")).subquery())
        .outerjoin(ThankYouVisit, ThankYouVisit.checkout_token == token)
        .outerjoin(Order, Order.checkout_token == token)
        .outerjoin(
            Customer, (Customer.shop_id == Order.shop_id) & (Customer.id == Order.customer_id)
        )
        .outerjoin(OfferGrant, OfferGrant.checkout_token == token)
        .order_by(Order.id, OfferGrant.step.desc())
        .limit(1)
    )


def grant(session: Session, grant_id: int) -> OfferGrant:
    """One decision about an offer; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(OfferGrant, (session.info["shop_id"], grant_id))
    if found is None:
        raise NotFound
    return found


def grant_of_checkout(session: Session, checkout_token: str) -> OfferGrant | None:
    """What was last decided about a checkout's offer; None before anything was."""
    return session.scalars(
        select(OfferGrant)
        .where(OfferGrant.checkout_token == checkout_token)
        .order_by(OfferGrant.step.desc())
        .limit(1)
    ).one_or_none()


def grants_of_checkout(session: Session, checkout_token: str) -> list[OfferGrant]:
    """Both steps of a checkout's offer, those that were made."""
    return list(
        session.scalars(
            select(OfferGrant)
            .where(OfferGrant.checkout_token == checkout_token, OfferGrant.deadline.is_not(None))
            .order_by(OfferGrant.step)
        )
    )


def grants_of_codes(session: Session, code_ids: list[int]) -> list[OfferGrant]:
    """The offers for which these codes were handed out."""
    if not code_ids:
        return []
    return list(session.scalars(select(OfferGrant).where(OfferGrant.code_id.in_(code_ids))))


def variants_of(grant: OfferGrant) -> list[int]:
    """What an offer sells, as Shopify's ids."""
    kept: list[int] = grant.terms.get("variants") or []
    return kept or [grant.variant_shopify_id or 0]


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
        state=rules.offer_state(found.deadline, found.accepted_order_id, found.declined_at, now),
        why=_why(session, found),
        shown_at=found.shown_at,
        deadline=found.deadline,
        title=str(found.terms.get("title", "")),
        percent=found.terms.get("percent"),
        accepted_order_id=found.accepted_order_id,
    )


def _why(session: Session, found: OfferGrant) -> str:
    """Why there was no offer, in a sentence an offer; empty when there was one."""
    if found.reason is None:
        return ""
    told = [reasons.sentence(one.outcome, one.details) for one in decisions(session, found)]
    return " ".join(dict.fromkeys(told)) or reasons.sentence(found.reason, {})


def decisions(session: Session, found: OfferGrant) -> list[OfferDecision]:
    """How each offer fared for a checkout, in the order in which they were looked at."""
    return list(
        session.scalars(
            select(OfferDecision)
            .where(OfferDecision.checkout_token == found.checkout_token)
            .order_by(OfferDecision.id)
        )
    )
