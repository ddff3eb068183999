"""Holds: everything that sells waits while something is wrong, or while a person wants a rest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent.events import Held, Released
from app.consent.model import HOLD_REASONS, Hold
from app.consent.readers import OPEN
from app.core.clock import now
from app.journal.service import record


def hold(
    session: Session,
    *,
    customer_id: int | None,
    order_id: int | None = None,
    reason: str,
    until: datetime | None = None,
) -> Hold:
    """Have everything that sells wait for a customer: for good until `release`, or till `until`
    (business time). `order_id` says what it is about, and stands for a buyer who is no customer.
    Announces `Held` once; holding again for the same reason only moves the end."""
    if reason not in HOLD_REASONS or (customer_id is None and order_id is None):
        raise ValueError(f"nobody to hold, or no such reason: {reason}")
    known = _open(session, customer_id, order_id, reason)
    if known:
        known[0].due_at = until
        return known[0]
    held = Hold(
        shop_id=session.info["shop_id"],
        customer_id=customer_id,
        order_id=order_id,
        reason=reason,
        due_at=until,
    )
    session.add(held)
    session.flush()
    record(
        session,
        Held(
            occurred_at=now(session),
            customer_id=customer_id,
            order_id=order_id,
            reason=reason,
            until=until,
        ),
    )
    return held


def release(
    session: Session, *, customer_id: int | None, order_id: int | None = None, reason: str
) -> bool:
    """End what `hold` began with the same ids and reason; announces `Released`. False when nothing
    was held."""
    known = _open(session, customer_id, order_id, reason)
    for held in known:
        held.state = "done"
        end(session, held)
    session.flush()
    return bool(known)


def end(session: Session, held: Hold) -> None:
    """A hold is over, by an event or because its time has come."""
    held.released_at, held.claim_token, held.lease_until = now(session), None, None
    record(
        session,
        Released(
            occurred_at=now(session),
            customer_id=held.customer_id,
            order_id=held.order_id,
            reason=held.reason,
        ),
    )


def _open(
    session: Session, customer_id: int | None, order_id: int | None, reason: str
) -> list[Hold]:
    return list(
        session.scalars(
            select(Hold).where(
                Hold.state.in_(OPEN),
                Hold.customer_id.is_not_distinct_from(customer_id),
                Hold.order_id.is_not_distinct_from(order_id),
                Hold.reason == reason,
            )
        )
    )
