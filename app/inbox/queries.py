"""Reads of the inbox: what could not be understood, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inbox.model import Webhook


class Problem(NamedTuple):
    """A webhook without its body."""

    id: int
    topic: str
    state: str
    received_at: datetime
    attempts: int
    error: str | None


def problems(session: Session, limit: int = 100) -> Sequence[Problem]:
    """Webhooks that failed or are being tried again, newest first."""
    rows = session.execute(
        select(
            Webhook.id,
            Webhook.topic,
            Webhook.state,
            Webhook.received_at,
            Webhook.attempts,
            Webhook.error,
        )
        .where(
            (Webhook.state == "failed")
            | ((Webhook.state == "scheduled") & Webhook.error.is_not(None))
        )
        .order_by(Webhook.id.desc())
        .limit(limit)
    )
    return [Problem(*row) for row in rows]


def webhook(session: Session, webhook_id: int) -> Webhook | None:
    """One webhook; None once it is gone."""
    return session.get(Webhook, (session.info["shop_id"], webhook_id))


def newest_at(session: Session, source: str) -> datetime | None:
    """When the last webhook of a source came in."""
    return session.scalar(select(func.max(Webhook.received_at)).where(Webhook.source == source))


def failed_count(session: Session) -> int:
    """How many webhooks wait for a person, for a badge in the admin."""
    return session.scalar(select(func.count()).where(Webhook.state == "failed")) or 0
