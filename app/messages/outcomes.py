"""What came of an attempt: taken, not yet, never, bounced, or nobody knows.

Each function is one unit of work after the wire; the claim's token fences it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Date, DateTime, String, bindparam, insert, literal, select, true, update
from sqlalchemy.orm import Session

from app.consent import service as consent
from app.core.claim import Claim, backoff_seconds, claimed_row
from app.core.clock import machine_now, now
from app.core.db import table_of
from app.core.queue import ring
from app.journal.service import record, tell, telling
from app.messages import reach, reasons, service
from app.messages.events import MessageFailed, MessageSent
from app.messages.facts import EMAIL, TEST
from app.messages.model import Message, SendAttempt
from app.senders import queries as senders_queries
from app.senders import service as senders

#: 2 s, 8 s, 32 s, 2 min, 8 min, 34 min, 2 h 16: three hours of trying, then it is visible.
TRIES = 8
#: What the journal and the row say of a message that ran out of tries.
NOT_TAKEN = "not_taken"
#: So much of what a server said is kept.
LONGEST_DETAIL = 500


def finish(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """The other side took it."""
    taken = session.execute(
        _TAKEN,
        {
            "of": mine.shop_id,
            "message": mine.id,
            "token": mine.token,
            "moment": now(session),
            "today": senders_queries.today(session),
            "detail": detail[:LONGEST_DETAIL],
            "started": started,
            "finished": machine_now(),
        },
    ).one_or_none()
    if taken is None or taken.entry_id is None:
        return
    tell(session, taken.entry_id, MessageSent)
    if taken.channel == EMAIL:
        senders.begin_warm_up(session, taken.lane)


def postpone(
    session: Session, mine: Claim, started: datetime, detail: str, wish: float | None
) -> None:
    """The other side certainly did not take it, and may later: back with backoff, or failed after
    the last try."""
    message = _sending(session, mine)
    if message is None:
        return
    _attempt(session, message, "refused", detail, started)
    if message.attempts >= TRIES:
        if not goes_elsewhere(session, message, detail):
            fail(session, message, NOT_TAKEN, detail)
        return
    message.state, message.sent_at, message.error = "scheduled", None, detail
    message.lease_until = message.claim_token = None
    message.retry_at = machine_now() + timedelta(seconds=backoff_seconds(message.attempts, wish))


def give_up(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """The other side will never take it."""
    message = _sending(session, mine)
    if message is not None:
        _attempt(session, message, "rejected", detail, started)
        if not goes_elsewhere(session, message, detail):
            fail(session, message, "rejected", detail)


def bounce(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """There is no such mailbox: the address gets nothing any more (rules.md EM-9)."""
    message = _sending(session, mine)
    if message is None:
        return
    _attempt(session, message, "bounced", detail, started)
    channel, address = message.channel, message.recipient
    if not goes_elsewhere(session, message, detail):
        fail(session, message, "bounced", detail)
        message.state = "bounced"
    if address and message.message_class != TEST:
        consent.suppress(
            session,
            channel=channel,
            address=address,
            reason="hard_bounce",
            customer_id=message.customer_id,
        )


def doubt(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """Nobody knows whether the other side took it; it is not sent again."""
    message = _sending(session, mine)
    if message is not None:
        leave_in_doubt(session, message, detail, started)


def fail(session: Session, message: Message, reason: str, detail: str) -> None:
    """End a message that cannot be sent, visibly."""
    message.state, message.reason, message.error = "failed", reason, detail
    message.sent_at = message.lease_until = message.claim_token = None
    _announce_failure(session, message, reason)


def goes_elsewhere(session: Session, message: Message, detail: str) -> bool:
    """Hand a message that its channel did not take to the next one, as the same row: one message,
    one person. False when there is no other."""
    if reach.fall_back(session, message, service.facts_of(session, message)) is None:
        return False
    message.state, message.sent_at, message.error = "scheduled", None, detail
    message.lease_until = message.claim_token = message.retry_at = None
    message.due_at = now(session)
    ring(session, f"messages.send_{message.lane}")
    return True


def _sending(session: Session, mine: Claim) -> Message | None:
    message: Message | None = claimed_row(session, Message, mine)
    return message if message is not None and message.state == "sending" else None


def _attempt(
    session: Session, message: Message, outcome: str, detail: str, started: datetime
) -> None:
    session.add(
        SendAttempt(
            shop_id=message.shop_id,
            message_id=message.id,
            number=message.attempts,
            outcome=outcome,
            detail=detail[:LONGEST_DETAIL],
            started_at=started,
            finished_at=machine_now(),
        )
    )


def leave_in_doubt(session: Session, message: Message, detail: str, started: datetime) -> None:
    """Mark a message of which nobody knows whether it arrived."""
    _attempt(session, message, "in_doubt", detail, started)
    message.state, message.reason, message.error = "in_doubt", reasons.IN_DOUBT, detail
    message.lease_until = message.claim_token = None
    _announce_failure(session, message, reasons.IN_DOUBT)


def _announce_failure(session: Session, message: Message, reason: str) -> None:
    if message.message_class == TEST:
        return
    record(
        session,
        MessageFailed(
            occurred_at=now(session),
            order_id=message.order_id,
            customer_id=message.customer_id,
            message_id=message.id,
            kind=message.kind,
            reason=reason,
        ),
    )


# Put together once: every message that is taken asks it. The claim's token fences the row and, with
# it, all that is written down: the attempt, the sender's figures, and the journal's entry.
_ROW = table_of(Message)
_ATTEMPT = table_of(SendAttempt)
_SENT = (
    update(_ROW)
    .where(
        _ROW.c.shop_id == bindparam("of"),
        _ROW.c.id == bindparam("message"),
        _ROW.c.claim_token == bindparam("token"),
        _ROW.c.state == "sending",
    )
    .values(
        state="sent", error=None, sent_at=bindparam("moment"), lease_until=None, claim_token=None
    )
    .returning(
        *(_ROW.c[name] for name in ("shop_id", "attempts", "kind", "message_class")),
        *(_ROW.c[name] for name in ("channel", "lane", "order_id", "customer_id")),
        _ROW.c.id.label("message_id"),
        _ROW.c.sent_at.label("occurred_at"),
        bindparam("today", type_=Date).label("day"),
    )
    .cte("taken")
)
_TRIED = (
    insert(_ATTEMPT)
    .from_select(
        ["shop_id", "message_id", "number", "outcome", "detail", "started_at", "finished_at"],
        select(
            _SENT.c.shop_id,
            _SENT.c.message_id,
            _SENT.c.attempts,
            literal("sent"),
            bindparam("detail", type_=String),
            bindparam("started", type_=DateTime(timezone=True)),
            bindparam("finished", type_=DateTime(timezone=True)),
        ),
        include_defaults=False,
    )
    .cte("tried")
)
# Of a test nobody is told, and it counts nowhere.
_REAL = select(_SENT).where(_SENT.c.message_class != TEST).cte("real")
_MAILS = select(_REAL).where(_REAL.c.channel == EMAIL).cte("mails")
_TOLD = telling(MessageSent, _REAL).cte("told")
_TAKEN = (
    select(_SENT.c.channel, _SENT.c.lane, _TOLD.c.id.label("entry_id"))
    .outerjoin(_TOLD, true())
    .add_cte(_TRIED, senders.counting(_MAILS).cte("counted"))
)
