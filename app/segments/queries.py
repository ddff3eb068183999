"""Who somebody is to the shop, asked live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.money import parse_money
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.segments import people, rules
from app.segments.model import SegmentClick, SegmentScale
from app.segments.rules import PRIOR_DAYS, Engagement, Facts, Scale, Stage
from app.shops import service as shops

#: A kept scale older than this was measured by nobody lately and is not believed.
FRESH = timedelta(hours=6)
#: So many people with a rhythm make a shop's own usual interval.
ENOUGH_RHYTHMS = 20


@dataclass(frozen=True)
class Profile:
    """A person over all their records and guest orders. Amounts are minor units of `currency`."""

    orders: int
    spent_minor: int
    currency: str
    first_order_at: datetime | None
    last_order_at: datetime | None
    own_interval_days: float | None
    stage: Stage
    rfm: tuple[int, int, int]
    engagement: Engagement
    top_decile: bool


def profile(session: Session, customer_id: int) -> Profile:
    """Who a customer is to the shop; raises `NotFound` for an id that is not the shop's."""
    customer = mirror.customer(session, customer_id)
    if customer is None:
        raise NotFound
    found = facts(session, customer)
    moment, marks = now(session), scale(session)
    return Profile(
        orders=found.orders,
        spent_minor=found.spent_minor,
        currency=shops.shop(session).currency,
        first_order_at=found.first_order_at,
        last_order_at=found.last_order_at,
        own_interval_days=rules.own_interval(found),
        stage=rules.stage(found, moment),
        rfm=rules.rfm(found, marks, moment),
        engagement=rules.engagement(found, moment),
        top_decile=rules.in_top_decile(found.spent_minor, marks),
    )


def facts(session: Session, customer: Customer) -> Facts:
    """A person's purchases and clicks."""
    ids = same_person(session, customer)
    found = people.one(session, ids[0], ids, customer.email_key)
    return found or _without_orders(session, ids)


def same_person(session: Session, customer: Customer) -> list[int]:
    """The ids of a person's records, the one that stands for them first."""
    if customer.email_key is None:
        return [customer.id]
    return list(
        session.scalars(
            select(Customer.id)
            .where(Customer.email_key == customer.email_key)
            .order_by(Customer.id)
        )
    )


def scale(session: Session) -> Scale:
    """What "often", "lately" and "much" mean in this shop: as measured within the last hours where
    the shop is big, else measured now."""
    kept = kept_scale(session)
    if kept is not None:
        # A kept day count ages with the clock like the people it was measured on.
        return Scale(
            recency=tuple(kept.scale["recency"]),
            orders=tuple(kept.scale["orders"]),
            spent=tuple(kept.scale["spent"]),
            top_minor=kept.scale["top_minor"],
        )
    return scale_of(people.measured(session), now(session))


def kept_scale(session: Session) -> SegmentScale | None:
    """A big shop's scale, with which its people are kept ready, too; None in a small shop, and
    where nobody has measured lately."""
    kept = session.scalars(select(SegmentScale)).one_or_none()
    return kept if kept is not None and now(session) - kept.measured_at <= FRESH else None


def scale_of(measured: RowMapping, moment: datetime) -> Scale:
    """The scale that a measurement amounts to."""
    if measured["people"] < rules.ENOUGH_PEOPLE:
        usual = measured["usual"] if measured["rhythms"] >= ENOUGH_RHYTHMS else None
        return rules.small_scale(
            float(usual or PRIOR_DAYS["standard"]), float(measured["mean_order"] or 0)
        )
    return Scale(
        recency=tuple(rules.days_between(then, moment) for then in measured["last_at"]),
        orders=tuple(float(count) for count in measured["orders"]),
        spent=tuple(float(minor) for minor in measured["spent"]),
        top_minor=int(measured["top"]),
    )


def _without_orders(session: Session, ids: list[int]) -> Facts:
    clicks, last = session.execute(
        select(func.sum(SegmentClick.clicks), func.max(SegmentClick.last_at)).where(
            SegmentClick.customer_id.in_(ids)
        )
    ).one()
    return Facts(clicks=int(clicks or 0), last_click_at=last)


def high_value_minor(session: Session) -> int:
    """From how much on an order is one of high value in this shop, in minor units: what the
    merchant set, else ¥30,000 or 200 of any other currency (product brief)."""
    shop = shops.shop(session)
    chosen = shops.settings_of(shop).high_value_minor
    if chosen:
        return chosen
    return 30_000 if shop.currency == "JPY" else parse_money("200", shop.currency).minor


def countries(session: Session) -> list[str]:
    """The countries customers live in, the commonest first."""
    return list(
        session.scalars(
            select(Customer.country)
            .where(Customer.country.is_not(None))
            .group_by(Customer.country)
            .order_by(func.count().desc())
            .limit(50)
        )
    )
