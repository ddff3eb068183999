"""What became of the offers: decisions to browse, evidence to export, and whether what is called
limited is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.money import Money
from app.mirror import prices
from app.mirror.model import Order, OrderLine, Variant
from app.shops import service as shops
from app.thankyou import queries, rules
from app.thankyou.model import Offer, OfferDecision, OfferGrant, ThankYouVisit
from app.thankyou.offers import conditions, reasons

#: rules.md TM-4: what is on for everybody on more than this share of a quarter's days is not
#: limited, whatever its deadline says.
QUARTER = timedelta(days=90)
MOST_DAYS_PERCENT = 50
#: A page of decisions.
PAGE = 50


@dataclass(frozen=True)
class Fared:
    """How one offer fared for one order. `state` is what became of it when it was shown."""

    order_id: int | None
    order_name: str
    offer_name: str
    step: int
    outcome: str
    text: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Figures:
    """An offer's last ninety days. `unlimited` is the share of those days, in percent, on which
    everybody was shown it with a deadline, where that is too many; else None."""

    shown: int
    accepted: int
    declined: int
    unlimited: int | None


def recent(
    session: Session, *, offer_id: int | None = None, outcome: str = "", before: int | None = None
) -> list[tuple[int, Fared]]:
    """The newest decisions with their ids; `outcome` is `shown`, `not_shown` or empty for all;
    from the one `before` which the page ended."""
    query = _decisions().order_by(OfferDecision.id.desc()).limit(PAGE)
    if offer_id is not None:
        query = query.where(OfferDecision.offer_id == offer_id)
    if outcome == "shown":
        query = query.where(OfferDecision.outcome == "shown")
    elif outcome == "not_shown":
        query = query.where(OfferDecision.outcome != "shown")
    if before is not None:
        query = query.where(OfferDecision.id < before)
    moment = now(session)
    return [(row.OfferDecision.id, _fared(row, moment)) for row in session.execute(query)]


def of_order(session: Session, checkout_token: str | None) -> list[Fared]:
    """How each offer fared for an order, as it was decided."""
    if not checkout_token:
        return []
    query = (
        _decisions()
        .where(OfferDecision.checkout_token == checkout_token)
        .order_by(OfferDecision.id)
    )
    return [_fared(row, now(session)) for row in session.execute(query)]


def _decisions() -> Select[OfferDecision, OfferGrant, int, str]:
    return (
        select(OfferDecision, OfferGrant, Order.id.label("order_id"), Order.name)
        .outerjoin(
            OfferGrant,
            (OfferGrant.shop_id == OfferDecision.shop_id)
            & (OfferGrant.checkout_token == OfferDecision.checkout_token)
            & (OfferGrant.step == OfferDecision.step)
            & (OfferGrant.offer_id == OfferDecision.offer_id),
        )
        .outerjoin(
            ThankYouVisit,
            (ThankYouVisit.shop_id == OfferDecision.shop_id)
            & (ThankYouVisit.checkout_token == OfferDecision.checkout_token),
        )
        .outerjoin(
            Order, (Order.shop_id == ThankYouVisit.shop_id) & (Order.id == ThankYouVisit.order_id)
        )
    )


def _fared(row: Row[OfferDecision, OfferGrant, int, str], moment: datetime) -> Fared:
    decision, grant = row.OfferDecision, row.OfferGrant
    made = grant is not None and decision.outcome == "shown"
    return Fared(
        order_id=row.order_id,
        order_name=row.name or "",
        offer_name=decision.offer_name,
        step=decision.step,
        outcome=decision.outcome,
        text=reasons.sentence(decision.outcome, decision.details),
        state=rules.offer_state(grant.deadline, grant.accepted_order_id, grant.declined_at, moment)
        if made
        else "",
        at=decision.decided_at,
    )


def figures(session: Session) -> dict[int, Figures]:
    """Every offer's last ninety days, by its id."""
    since = now(session) - QUARTER
    zone = shops.shop(session).timezone
    day = func.date(func.timezone(zone, OfferGrant.shown_at))
    timed = OfferGrant.terms["timer"].as_boolean()
    counted = session.execute(
        select(
            OfferGrant.offer_id,
            func.count().label("shown"),
            func.count(OfferGrant.accepted_order_id).label("accepted"),
            func.count(OfferGrant.declined_at).label("declined"),
            func.count(func.distinct(day)).filter(timed).label("days"),
        )
        .where(OfferGrant.deadline.is_not(None), OfferGrant.shown_at > since)
        .group_by(OfferGrant.offer_id)
    )
    rows = {row.offer_id: row for row in counted}
    found = {}
    for one in session.scalars(select(Offer).where(Offer.removed_at.is_(None))):
        row = rows.get(one.id)
        share = unlimited(one, row.days if row else 0)
        found[one.id] = Figures(
            row.shown if row else 0, row.accepted if row else 0, row.declined if row else 0, share
        )
    return found


def unlimited(offer: Offer, days: int) -> int | None:
    """The share of the quarter's days on which an offer with a deadline was there for everybody,
    where it is too large to call the offer limited (rules.md TM-4)."""
    everybody = conditions.read(offer.conditions).everyone and offer.step == 1
    if not everybody or offer.timer == "none" or not offer.enabled:
        return None
    share = 100 * days // QUARTER.days
    return share if share > MOST_DAYS_PERCENT else None


# --- evidence -----------------------------------------------------------------------------------

COLUMNS = (
    "offer_id", "offer", "step", "grant_id", "order", "product", "variants", "currency",
    "usual_price", "offer_price", "percent", "deadline_shown", "shown_at", "deadline",
    "declined_at", "accepted_by_order", "price_today", "later_price_same_customer",
    "earlier_price_shown", "earlier_price_left_out_because", "store_prices_since",
)  # fmt: skip


def evidence(session: Session) -> Iterator[list[str]]:
    """Rows of `COLUMNS`, one for each offer that was shown, the newest first: what was promised,
    what became of it, and at what price the same customer bought the same thing after the
    deadline. No personal data."""
    query = (
        select(OfferGrant, Offer.name.label("offer_name"), Order)
        .outerjoin(Offer, (Offer.shop_id == OfferGrant.shop_id) & (Offer.id == OfferGrant.offer_id))
        .outerjoin(
            ThankYouVisit,
            (ThankYouVisit.shop_id == OfferGrant.shop_id)
            & (ThankYouVisit.checkout_token == OfferGrant.checkout_token),
        )
        .outerjoin(
            Order, (Order.shop_id == ThankYouVisit.shop_id) & (Order.id == ThankYouVisit.order_id)
        )
        .where(OfferGrant.deadline.is_not(None))
        .order_by(OfferGrant.id.desc())
    )
    for row in session.execute(query.execution_options(yield_per=500)):
        yield _evidence(session, row.OfferGrant, row.offer_name or "", row.Order)


def _evidence(session: Session, grant: OfferGrant, name: str, order: Order | None) -> list[str]:
    terms, variants = grant.terms, queries.variants_of(grant)
    currency = str(terms.get("currency", "JPY"))
    accepted = session.get(Order, (grant.shop_id, grant.accepted_order_id or 0))
    return [
        str(grant.offer_id or ""),
        name,
        str(grant.step),
        str(grant.id),
        order.name if order else "",
        str(terms.get("title", "")),
        " ".join(str(one) for one in variants),
        currency,
        str(_plain(terms.get("was_minor"), currency)),
        str(_plain(terms.get("price_minor"), currency)),
        str(terms.get("percent", "")),
        "yes" if terms.get("timer") else "no",
        _iso(grant.shown_at),
        _iso(grant.deadline),
        _iso(grant.declined_at),
        accepted.name if accepted else "",
        str(_plain(_today(session, variants), currency)),
        " ".join(str(_plain(price, currency)) for price in _later(session, grant, order, variants)),
        str(_plain(terms.get("reference_minor", terms.get("was_minor")), currency)),
        str(terms.get("reference_why", "")),
        _since(session, grant, variants, currency),
    ]


def _since(session: Session, grant: OfferGrant, variants: list[int], currency: str) -> str:
    """What the store asked for each variant from the offer's day on: `variant: price from day`."""
    spans = prices.history(session, variants, currency, grant.shown_at)
    return "; ".join(
        f"{number}: {_plain(one.price_minor, currency)} {_iso(one.since)}"
        for number, asked in spans.items()
        for one in asked
    )


def _plain(minor: int | None, currency: str) -> Decimal | str:
    return "" if minor is None else Money(minor, currency).decimal


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _today(session: Session, variants: list[int]) -> int | None:
    return session.scalar(
        select(func.sum(Variant.price_minor)).where(Variant.shopify_id.in_(variants))
    )


def _later(
    session: Session, grant: OfferGrant, order: Order | None, variants: list[int]
) -> list[int]:
    """What the customer paid for one of these after the deadline, in other orders than the one the
    offer brought."""
    if order is None or order.customer_id is None:
        return []
    rows = session.execute(
        select(OrderLine.price_minor, OrderLine.discount_minor, OrderLine.quantity)
        .join(Order, (Order.shop_id == OrderLine.shop_id) & (Order.id == OrderLine.order_id))
        .where(
            Order.customer_id == order.customer_id,
            Order.placed_at > grant.deadline,
            Order.id != (grant.accepted_order_id or 0),
            OrderLine.variant_shopify_id.in_(variants),
        )
        .order_by(Order.placed_at)
    )
    return [
        row.price_minor - (row.discount_minor // row.quantity if row.quantity else 0)
        for row in rows
    ]
