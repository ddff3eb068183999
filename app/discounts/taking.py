"""One code handed out: a checkout's or a message's."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import (
    DateTime,
    Select,
    String,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from app.core.clock import now
from app.core.queue import ring
from app.discounts import rules
from app.discounts.model import DiscountCode, DiscountPool


def take_code(session: Session, campaign: str, *, remove_at: datetime) -> DiscountCode | None:
    """Hand out one free code of a campaign, to be removed at Shopify at `remove_at`; None when
    none is ready. Never waits for another taker, never asks Shopify."""
    given = {"campaign": campaign, "remove_at": remove_at, "moment": now(session)}
    found = session.execute(_taking(), given).one_or_none()
    if found is None or found[1]:
        _refill(session, campaign)
    return found[0] if found else None


@cache
def _taking() -> ReturningUpdate[DiscountCode, bool]:
    """One free code, and whether the newest pool now has few. Built once: putting it together
    takes longer than the database with it."""
    campaign = bindparam("campaign", type_=String)
    remove_at = bindparam("remove_at", type_=DateTime(timezone=True))
    moment = bindparam("moment", type_=DateTime(timezone=True))
    free = (
        select(DiscountCode.id)
        .join(
            DiscountPool,
            (DiscountPool.shop_id == DiscountCode.shop_id)
            & (DiscountPool.id == DiscountCode.pool_id),
        )
        .where(
            DiscountCode.state == "free",
            DiscountPool.campaign == campaign,
            DiscountPool.ends_at > remove_at,
        )
        .order_by(DiscountPool.day, DiscountCode.id)
        .limit(1)
        .with_for_update(of=DiscountCode, skip_locked=True)
        .correlate(None)
    )
    other = aliased(DiscountCode)
    left = (
        select(func.count())
        .select_from(other)
        .where(other.pool_id == _newest(campaign, moment).scalar_subquery(), other.state == "free")
        .correlate(None)
    )
    return (
        update(DiscountCode)
        .where(DiscountCode.id == free.scalar_subquery())
        .values(state="scheduled", due_at=remove_at, issued_at=moment)
        # The count is of the moment before this one was taken, hence not `<`.
        .returning(DiscountCode, (left.scalar_subquery() <= rules.LOW).label("low"))
        .execution_options(synchronize_session=False)
    )


def _newest(campaign: object, moment: object) -> Select[int]:
    return (
        select(DiscountPool.id)
        .where(DiscountPool.campaign == campaign, DiscountPool.ends_at > moment)
        .order_by(DiscountPool.day.desc())
        .limit(1)
        .correlate(None)
    )


def _refill(session: Session, campaign: str) -> None:
    """Have the newest pool of a campaign tended when few of its codes are left."""
    tended = session.execute(_tending(), {"of": campaign, "at": now(session)})
    if tended.all():
        ring(session, "discounts.tend")


@cache
def _tending() -> ReturningUpdate[int]:
    """The newest pool of a campaign, made due when it is not and has few codes left."""
    campaign = bindparam("of", type_=String)
    moment = bindparam("at", type_=DateTime(timezone=True))
    return (
        update(DiscountPool)
        .where(
            DiscountPool.id == _newest(campaign, moment).scalar_subquery(),
            DiscountPool.state == "scheduled",
            DiscountPool.due_at.is_(None),
            counting(DiscountPool.id, "free").scalar_subquery() < rules.LOW,
        )
        .values(due_at=moment, attempts=0, retry_at=None)
        .returning(DiscountPool.id)
        .execution_options(synchronize_session=False)
    )


def counting(pool_id: int | InstrumentedAttribute[int], state: str) -> Select[int]:
    """How many codes of a pool are in a state."""
    return (
        select(func.count())
        .select_from(DiscountCode)
        .where(DiscountCode.pool_id == pool_id, DiscountCode.state == state)
    )
