"""What people of an experiment did, counted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Numeric,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.consent.model import ConsentRecord
from app.core.clock import now
from app.experiments.model import Experiment, ExperimentVisitor
from app.experiments.rules import Tally
from app.mirror.model import Order
from app.surveys.model import SurveyAnswer
from app.surveys.queries import MAILED

#: How far back the usual share is looked for, and the pace of visitors.
USUAL, PACE = timedelta(days=180), timedelta(days=28)


def people(session: Session, experiment_id: int) -> dict[str, int]:
    """How many take part, by arm."""
    rows = session.execute(
        select(ExperimentVisitor.arm, func.count())
        .where(ExperimentVisitor.experiment_id == experiment_id)
        .group_by(ExperimentVisitor.arm)
    )
    return {row[0]: row[1] for row in rows}


def nth(session: Session, experiment_id: int, arm: str, count: int) -> datetime | None:
    """When an arm had so many people; None while it has not."""
    return session.scalar(
        select(ExperimentVisitor.exposed_at)
        .where(ExperimentVisitor.experiment_id == experiment_id, ExperimentVisitor.arm == arm)
        .order_by(ExperimentVisitor.exposed_at, ExperimentVisitor.id)
        .offset(count - 1)
        .limit(1)
    )


def tallies(session: Session, found: Experiment, until: datetime) -> dict[str, Tally]:
    """What the people who came `until` then did within their windows, by arm. Orders that were
    cancelled, test orders and the one that led to the page do not count."""
    window = timedelta(days=found.window_days)
    visitor, own = ExperimentVisitor, aliased(Order)
    ends = visitor.exposed_at + window
    bought = _bought(own, ends)
    opted = exists().where(
        ConsentRecord.shop_id == visitor.shop_id,
        ConsentRecord.customer_id == own.customer_id,
        ConsentRecord.granted,
        ConsentRecord.source == "thank_you",
        ConsentRecord.occurred_at.between(visitor.exposed_at, ends),
    )
    answered = exists().where(
        SurveyAnswer.shop_id == visitor.shop_id,
        SurveyAnswer.order_id == own.id,
        SurveyAnswer.question_key.not_in(MAILED),
    )
    amount = cast(bought.c.amount, Numeric)
    rows = session.execute(
        select(
            visitor.arm,
            func.count().label("people"),
            func.count().filter(bought.c.orders > 0).label("buyers"),
            func.sum(bought.c.orders).label("orders"),
            func.sum(amount).label("amount_minor"),
            func.sum(amount * amount).label("squares"),
            func.count().filter(opted).label("opted_in"),
            func.count().filter(answered).label("answered"),
        )
        .join(own, (own.shop_id == visitor.shop_id) & (own.id == visitor.order_id))
        .join(bought, true())
        .where(visitor.experiment_id == found.id, visitor.exposed_at <= until)
        .group_by(visitor.arm)
    ).mappings()
    return {row["arm"]: _tally(dict(row)) for row in rows}


def _bought(own: type[Order], ends: ColumnElement[datetime]) -> LateralFromClause:
    """The orders and their sum of each visitor's person, between the page and `ends`; `own` is the
    order that led to the page."""
    visitor, later = ExperimentVisitor, aliased(Order)
    guest = own.customer_id.is_(None) & later.customer_id.is_(None)
    return (
        select(
            func.count().label("orders"),
            func.coalesce(
                func.sum(func.coalesce(later.current_total_minor, later.total_minor)), 0
            ).label("amount"),
        )
        .where(
            later.shop_id == visitor.shop_id,
            or_(later.customer_id == own.customer_id, guest & (later.email_key == own.email_key)),
            later.id != own.id,
            later.placed_at > visitor.exposed_at,
            later.placed_at <= ends,
            later.cancelled_at.is_(None),
            later.test.is_(False),
        )
        .lateral("bought")
    )


def _tally(row: Mapping[str, Any]) -> Tally:
    counted = {name: int(row[name]) for name in Tally.__struct_fields__ if name != "squares"}
    return Tally(**counted, squares=float(row["squares"]))


def frozen(found: Mapping[str, Tally]) -> dict[str, Any]:
    """Tallies to keep on an experiment's row."""
    kept: dict[str, Any] = msgspec.to_builtins(dict(found))
    return kept


def thawed(kept: Mapping[str, Any]) -> dict[str, Tally]:
    """Tallies as they were kept."""
    return msgspec.convert(dict(kept), dict[str, Tally])


def usual_rate(session: Session, days: int) -> float | None:
    """The share of the last half year's buyers who ordered again within so many days of their first
    order in it; None without anybody whose days are over."""
    moment, window = now(session), timedelta(days=days)
    first = (
        select(Order.customer_id, func.min(Order.placed_at).label("at"))
        .where(
            Order.customer_id.is_not(None),
            Order.placed_at > moment - USUAL,
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
        )
        .group_by(Order.customer_id)
        .subquery()
    )
    again = exists().where(
        Order.customer_id == first.c.customer_id,
        Order.placed_at > first.c.at,
        Order.placed_at <= first.c.at + window,
        Order.cancelled_at.is_(None),
        Order.test.is_(False),
    )
    row = session.execute(
        select(func.count(), func.count(case((again, 1))))
        .select_from(first)
        .where(first.c.at <= moment - window)
    ).one()
    return row[1] / row[0] if row[0] else None


def pace(session: Session) -> float:
    """Buyers a week, over the last four."""
    buyers = session.scalar(
        select(func.count(func.distinct(func.coalesce(Order.customer_id, -Order.id)))).where(
            Order.placed_at > now(session) - PACE,
            Order.cancelled_at.is_(None),
            Order.test.is_(False),
        )
    )
    return (buyers or 0) / (PACE / timedelta(days=7))
