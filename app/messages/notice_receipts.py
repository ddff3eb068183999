"""What came of LINE notification messages: LINE tells of a delivery, and of nothing else. Silence
for a day says that nobody got it, and then it goes by mail."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.consent.service.suppressions import put
from app.core.clock import now
from app.core.errors import TryLater
from app.inbox.model import Webhook
from app.journal.service import record
from app.messages import outcomes, reasons, rules
from app.messages.arbiter import longest_lateness
from app.messages.events import MessageSent
from app.messages.model import Message
from app.messages.notices import CHANNEL

TAG = re.compile(r"okaeri-notice-(\d{1,18})-([0-9a-f]{8})")
#: LINE keeps a message for a day, for people who are still to agree; an hour is for the post.
SILENCE = timedelta(hours=25)
OPEN = ("sent", "in_doubt")
BATCH = 200
UNREACHED = "line_silent"


def on_delivery(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`line/delivery`: somebody has it, whatever we thought of it before."""
    found = TAG.fullmatch(str(json.loads(body).get("delivery", {}).get("data", "")))
    message = _message(session, int(found[1]), found[2]) if found else None
    if message is None:
        # Of another tool on the same account, or gone by mail meanwhile.
        return
    if message.state == "sending":
        raise TryLater("the hand-over is not finished", 5.0)
    if message.state not in OPEN:
        return
    doubted = message.state == "in_doubt"
    message.state, message.reason, message.error = "delivered", None, None
    if doubted:
        record(
            session,
            MessageSent(
                occurred_at=now(session),
                order_id=message.order_id,
                customer_id=message.customer_id,
                message_id=message.id,
                kind=message.kind,
            ),
        )


def follow_silent(session: Session) -> int:
    """Send by the next channel what LINE took and delivered to nobody, unless it is of no use by
    now. Returns how many went on."""
    rows = session.scalars(
        select(Message)
        .where(
            Message.channel == CHANNEL,
            Message.state.in_(OPEN),
            Message.sent_at < now(session) - SILENCE,
        )
        .order_by(Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    return sum(_goes_on(session, message) for message in rows)


def standing(session: Session, since: datetime) -> dict[str, int]:
    """How many were sent by this way since a moment, by state."""
    rows = session.execute(
        select(Message.state, func.count())
        .where(Message.channel == CHANNEL, Message.sent_at >= since)
        .group_by(Message.state)
    )
    return {state: int(count) for state, count in rows}


def _goes_on(session: Session, message: Message) -> bool:
    """Whoever was not reached once (they block the account, or never answered LINE's question) gets
    mail from now on: nobody waits a day for every message."""
    put(session, "line", message.recipient, "all", UNREACHED, readable=False)
    detail = "LINE delivered it to nobody within a day."
    late = rules.is_late(
        message.sent_at or now(session), now(session), longest_lateness(message.kind)
    )
    if not late and outcomes.goes_elsewhere(session, message, detail):
        message.reason = None
        return True
    message.state, message.reason, message.error = "bounced", reasons.NOT_RECEIVED, detail
    return False


def _message(session: Session, number: int, key: str) -> Message | None:
    message = session.scalars(
        select(Message).where(Message.id == number).with_for_update()
    ).one_or_none()
    ours = message is not None and message.channel == CHANNEL
    return message if ours and message and str(message.send_key).startswith(key) else None
