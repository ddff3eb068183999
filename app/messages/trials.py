"""Test sends: a message as its readers would get it, to the merchant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.messages.facts import EMAIL, TEST
from app.messages.kinds import TRANSACTIONAL, kind
from app.messages.model import Message
from app.messages.writing import by_key

#: How soon the same test send is another press of the same button.
TWITCH = timedelta(seconds=5)


def compose_test(
    session: Session, kind_name: str, locale: str, address: str, sample: dict[str, int]
) -> Message:
    """A test send to the merchant: no consent, no hours, no caps, and no order's timeline. `sample`
    holds the ids of whatever the mail is about (`order_id`, `line_id`, `parcel_id`). The same asked
    twice at once is one mail: each is keyed by the test before it, so that of two that know of the
    same one the database takes the first."""
    chosen = kind(kind_name)
    alike = (
        Message.message_class == TEST,
        Message.kind == chosen.name,
        Message.locale == locale,
    )
    twin = session.scalars(
        select(Message)
        .where(
            *alike,
            Message.recipient == address,
            Message.subject_ids == sample,
            Message.created_at > now(session) - TWITCH,
        )
        .limit(1)
    ).first()
    before = 0 if twin else session.scalar(select(func.max(Message.id)).where(*alike)) or 0
    while twin is None:
        key = f"test:{chosen.name}:{locale}:{before}"
        row = {"key": key, "kind": chosen.name, "locale": locale, "recipient": address}
        made = _write(session, row | {"subject_ids": sample})
        found = by_key(session, key)
        if found is None:
            raise LookupError(f"the test {key} vanished while it was composed")
        if made or (found.recipient, found.subject_ids) == (address, sample):
            twin = found
        before = found.id
    return twin


def _write(session: Session, row: dict[str, Any]) -> bool:
    """Keep a test unless its key is taken; whether it was kept."""
    given = {
        "shop_id": session.info["shop_id"],
        "message_class": TEST,
        "channel": EMAIL,
        "due_at": now(session),
        "lane": TRANSACTIONAL,
        "max_lateness_s": None,
    }
    made = session.scalar(
        insert(Message)
        .values(row | given)
        .on_conflict_do_nothing(index_elements=["shop_id", "key"])
        .returning(Message.id)
    )
    if made:
        ring(session, f"messages.send_{TRANSACTIONAL}")
    return made is not None
