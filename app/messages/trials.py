"""Test sends: a message as its readers would get it, to the merchant."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.messages.facts import EMAIL, TEST
from app.messages.kinds import TRANSACTIONAL, kind
from app.messages.model import Message

#: How soon the same test send is another press of the same button.
TWITCH = timedelta(seconds=5)


def compose_test(
    session: Session, kind_name: str, locale: str, address: str, sample: dict[str, int]
) -> Message:
    """A test send to the merchant: no consent, no hours, no caps, and no order's timeline. `sample`
    holds the ids of whatever the mail is about (`order_id`, `line_id`, `parcel_id`). The same asked
    twice at once is one mail."""
    chosen = kind(kind_name)
    twin = session.scalars(
        select(Message)
        .where(
            Message.message_class == TEST,
            Message.kind == chosen.name,
            Message.locale == locale,
            Message.recipient == address,
            Message.subject_ids == sample,
            Message.created_at > now(session) - TWITCH,
        )
        .limit(1)
    ).first()
    if twin is not None:
        return twin
    message = Message(
        shop_id=session.info["shop_id"],
        key=f"test:{uuid.uuid4()}",
        kind=chosen.name,
        message_class=TEST,
        channel=EMAIL,
        locale=locale,
        recipient=address,
        subject_ids=sample,
        due_at=now(session),
        lane=TRANSACTIONAL,
        max_lateness_s=None,
    )
    session.add(message)
    session.flush()
    ring(session, f"messages.send_{TRANSACTIONAL}")
    return message
