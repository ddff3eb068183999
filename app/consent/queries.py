"""Reads of the ledger and the suppressions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent import rules
from app.consent.model import ConsentRecord, Suppression


def newest(
    session: Session, customer_id: int, channel: str, topic: str = "marketing"
) -> ConsentRecord | None:
    """The record that counts for a customer on a channel; None while the ledger is silent."""
    return session.scalars(
        select(ConsentRecord)
        .where(
            ConsentRecord.customer_id == customer_id,
            ConsentRecord.channel == channel,
            ConsentRecord.topic == topic,
        )
        .order_by(ConsentRecord.occurred_at.desc(), ConsentRecord.id.desc())
        .limit(1)
    ).one_or_none()


def ledger(session: Session, customer_id: int) -> list[ConsentRecord]:
    """Everything a customer ever decided, oldest first."""
    return list(
        session.scalars(
            select(ConsentRecord)
            .where(ConsentRecord.customer_id == customer_id)
            .order_by(ConsentRecord.occurred_at, ConsentRecord.id)
        )
    )


def suppressions(session: Session, channel: str, address: str | None) -> list[Suppression]:
    """What an address is kept from."""
    return list(
        session.scalars(
            select(Suppression).where(
                Suppression.channel == channel,
                Suppression.address == rules.normal_address(channel, address),
            )
        )
    )
