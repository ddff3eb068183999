"""Messages of which nobody knows whether they arrived: found, shown, and settled by a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.clock import machine_now, now
from app.core.db import dispatching
from app.messages.kinds import MARKETING
from app.messages.model import Message
from app.messages.outbox import LEASE
from app.messages.outcomes import leave_in_doubt
from app.senders import queries as senders

#: How long marketing of which nobody knows whether it arrived stays open before it is let be.
GRACE = timedelta(days=3)
#: Providers remember a key for a day; an hour of it is left for our own tries.
KEY_LIVES = timedelta(hours=23)


def lost_in_sending() -> list[tuple[int, int]]:
    """`(shop_id, id)` of messages whose worker went away between intent and finish."""
    with dispatching() as session:
        rows = session.execute(
            text(
                "SELECT shop_id, id FROM messages "
                "WHERE state = 'sending' AND lease_until < clock_timestamp() ORDER BY id LIMIT 500"
            )
        ).all()
    return [(row.shop_id, row.id) for row in rows]


def shops_in_doubt() -> list[int]:
    """The shops with marketing of which nobody knows whether it arrived."""
    with dispatching() as session:
        rows = session.execute(
            text("SELECT DISTINCT shop_id FROM messages WHERE state = 'in_doubt' AND lane = :lane"),
            {"lane": MARKETING},
        ).all()
    return [row.shop_id for row in rows]


def find_in_doubt(session: Session, message_id: int) -> None:
    """Mark one message whose worker went away; does nothing when it came back after all."""
    message = session.scalars(
        select(Message).where(Message.id == message_id).with_for_update()
    ).one_or_none()
    lease = message.lease_until if message else None
    if message is None or message.state != "sending" or lease is None or lease > machine_now():
        return
    if _safe_again(session, message, lease - LEASE):
        # The provider tells a repeated key from a new one: the same message, the same key.
        message.state, message.sent_at = "scheduled", None
        message.claim_token = message.lease_until = None
        return
    leave_in_doubt(session, message, "The worker went away while sending.", lease - LEASE)


def _safe_again(session: Session, message: Message, started: datetime) -> bool:
    """Whether it left, if it did, by a provider that takes a key once and still remembers it."""
    if started <= machine_now() - KEY_LIVES:
        return False
    if message.channel == "line":
        # Every push carries its retry key; what LINE has taken it answers with 409.
        return True
    way = senders.sending(session)
    since = way.active_since
    return message.channel == "email" and way.idempotent and since is not None and since <= started


def resolve(session: Session, message: Message, *, resend: bool) -> None:
    """A person's word on a message in doubt: let it be, or send it again with the same key and the
    same body."""
    if message.state != "in_doubt":
        return
    if resend:
        message.state, message.reason, message.sent_at = "scheduled", None, None
        message.due_at = now(session)
        message.retry_at = None
    else:
        message.state = "closed"


def close_old_doubts(session: Session) -> int:
    """Let be what marketing nobody knows of; returns how many."""
    rows = session.scalars(
        select(Message).where(
            Message.state == "in_doubt",
            Message.message_class == MARKETING,
            Message.sent_at < now(session) - GRACE,
        )
    ).all()
    for message in rows:
        message.state = "closed"
    return len(rows)
