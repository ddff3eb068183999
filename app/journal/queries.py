"""What happened, in the order it happened."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.journal.model import JournalDelivery, JournalEntry


def of_order(session: Session, order_id: int) -> list[JournalEntry]:
    """Everything that happened to an order, oldest first."""
    return list(
        session.scalars(
            select(JournalEntry)
            .where(JournalEntry.order_id == order_id)
            .order_by(JournalEntry.occurred_at, JournalEntry.id)
        )
    )


def of_customer(session: Session, customer_id: int, limit: int = 500) -> list[JournalEntry]:
    """Everything that happened to a customer, over all orders, oldest first."""
    newest = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.customer_id == customer_id)
        .order_by(JournalEntry.occurred_at.desc(), JournalEntry.id.desc())
        .limit(limit)
    )
    return list(newest)[::-1]


def happened(session: Session, kind: str, order_id: int) -> bool:
    """Whether an event of this kind was ever recorded for an order."""
    found: bool = session.execute(
        select(exists().where(JournalEntry.order_id == order_id, JournalEntry.kind == kind))
    ).scalar_one()
    return found


def of_kind(session: Session, kind: str, limit: int = 100) -> list[JournalEntry]:
    """The newest entries of one kind (an event's class name), newest first."""
    return list(
        session.scalars(
            select(JournalEntry)
            .where(JournalEntry.kind == kind)
            .order_by(JournalEntry.occurred_at.desc(), JournalEntry.id.desc())
            .limit(limit)
        )
    )


def of_customer_and_kind(session: Session, customer_id: int, kind: str) -> list[JournalEntry]:
    """What happened of one kind (an event's class name) to a customer, oldest first."""
    return list(
        session.scalars(
            select(JournalEntry)
            .where(JournalEntry.customer_id == customer_id, JournalEntry.kind == kind)
            .order_by(JournalEntry.occurred_at, JournalEntry.id)
        )
    )


class Undelivered(NamedTuple):
    """A delivery that failed for good, and what it was about."""

    id: int
    kind: str
    listener: str
    occurred_at: datetime
    error: str | None


def undelivered(session: Session, limit: int = 100) -> list[Undelivered]:
    """Deliveries that failed for good, newest first: a listener's bug or a stranger's refusal,
    waiting for a replay."""
    rows = session.execute(
        select(
            JournalDelivery.id,
            JournalEntry.kind,
            JournalDelivery.listener,
            JournalEntry.occurred_at,
            JournalDelivery.error,
        )
        .join(
            JournalEntry,
            (JournalEntry.shop_id == JournalDelivery.shop_id)
            & (JournalEntry.id == JournalDelivery.entry_id),
        )
        .where(JournalDelivery.state == "failed")
        .order_by(JournalDelivery.id.desc())
        .limit(limit)
    )
    return [Undelivered(*row) for row in rows]
