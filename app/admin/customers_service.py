"""What a member of staff does for one customer by hand."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admin.events import MessageResent
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.journal.service import record
from app.messages import queries as messages
from app.messages.model import Message
from app.messages.service import Intent, compose


def resend(session: Session, customer_id: int, message_id: int, who: str) -> Message:
    """Say something once more. It is a message of its own: consent, the order's state, the hours
    and the caps are asked anew, and the answer stands on it. Raises `NotFound`, and `Conflict` for
    what never left."""
    told = messages.by_id(session, message_id)
    if told.customer_id != customer_id:
        raise NotFound
    if told.sent_at is None or told.message_class == "test":
        raise Conflict
    number = session.scalar(
        select(func.count()).select_from(Message).where(Message.key.like(f"resent:{told.id}:%"))
    )
    again = compose(
        session,
        Intent(
            key=f"resent:{told.id}:{number or 0}",
            kind=told.kind,
            journey=told.journey or "",
            due_at=now(session),
            order_id=told.order_id,
            customer_id=told.customer_id,
            channel=told.channel,
            subject_ids={name: int(value) for name, value in told.subject_ids.items()},
        ),
    )
    record(
        session,
        MessageResent(
            occurred_at=now(session),
            order_id=told.order_id,
            customer_id=told.customer_id,
            message_id=again.id,
            of_message_id=told.id,
            staff=who,
        ),
    )
    return again
