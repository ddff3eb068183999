"""What mail providers report of messages, and what follows from it (rules.md EM-9).

Reports come twice, late and in any order. Each is kept once; a message's state only ever moves on
(sent → delivered → bounced → complained), so that the order does not matter in the end.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels import dsn, reports
from app.channels.reports import COMPLAINED, DELIVERED, HARD, SENT, SOFT, Report
from app.consent import queries as consented
from app.consent import service as consent
from app.consent.events import Unsubscribed
from app.consent.model import FROM_LIST
from app.core import links
from app.core.clock import now
from app.core.errors import Forbidden, GiveUp, Gone, TryLater
from app.inbox.model import Webhook
from app.journal.service import record
from app.messages import service
from app.messages.events import MessageSent
from app.messages.facts import TEST
from app.messages.kinds import MARKETING
from app.messages.model import Message, SendAttempt
from app.mirror import queries as mirror
from app.senders import queries as senders
from app.senders import service as sender_service
from app.senders.events import HookOffered, SenderActivated

#: So many temporary bounces in so many days, and the mailbox counts as abandoned.
SOFT_BOUNCES, SOFT_SPAN = 5, timedelta(days=14)
#: An unsubscription belongs to the last marketing message of so many days.
BLAMED = timedelta(days=14)

#: How far along a state is; reports only ever move a message on.
_RANK = {"sent": 1, "delivered": 2, "bounced": 3, "complained": 4}
_REACHES = {
    SENT: "sent",
    SOFT: "sent",
    DELIVERED: "delivered",
    HARD: "bounced",
    COMPLAINED: "complained",
}
_COUNTED = {
    DELIVERED: "delivered",
    HARD: "hard_bounces",
    SOFT: "soft_bounces",
    COMPLAINED: "complaints",
}


def on_resend(session: Session, webhook: Webhook, body: bytes) -> None:
    """A report of Resend's."""
    _apply(session, "resend", webhook, body)


def on_postmark(session: Session, webhook: Webhook, body: bytes) -> None:
    """A report of Postmark's."""
    _apply(session, "postmark", webhook, body)


def on_ses(session: Session, webhook: Webhook, body: bytes) -> None:
    """A notification of Amazon's: a report, or the question whether we want any."""
    said = json.loads(body)
    if said.get("Type") == "SubscriptionConfirmation":
        record(session, HookOffered(occurred_at=now(session), url=str(said["SubscribeURL"])))
    else:
        _apply(session, "ses", webhook, body)


def on_notice(session: Session, webhook: Webhook, body: bytes) -> None:
    """What came back by mail: a delivery notice, or somebody's wish for no more advertising."""
    if not _leaves(session, body):
        _take(session, "smtp", webhook, dsn.read, body)


def _leaves(session: Session, body: bytes) -> bool:
    """Whether it is what a mail program's unsubscribe button sends: then that holds at once. Who
    knows the link of a message may do so, as on the page behind it."""
    try:
        link = links.read(dsn.leaving(body), "unsubscribe", now(session))
    except (ValueError, Forbidden, Gone):
        return False
    mine = link.shop_id == session.info["shop_id"]
    reader = mirror.customer(session, link.subject.get("customer")) if mine else None
    if reader is None:
        return False
    evidence = {"where": "mail", "message_id": link.subject.get("message")}
    consent.unsubscribe(session, reader.id, reader.email, "one-click", evidence=evidence)
    return True


def on_sender_activated(session: Session, event: SenderActivated) -> None:  # noqa: ARG001
    """Mail leaves by another way: what waits for its next try need not wait any longer."""
    service.try_again_now(session)


def on_unsubscribed(session: Session, event: Unsubscribed) -> None:
    """Someone left: it counts against the kind of the marketing message they got last. A complaint
    unsubscribes too, and is counted as what it is; who comes on a list of the merchant's left
    another sender, and says nothing of our message."""
    if event.customer_id is None or event.channel != "email":
        return
    word = consented.newest(session, event.customer_id, "email")
    if word is not None and word.source == FROM_LIST:
        return
    blamed = session.scalars(
        select(Message)
        .where(
            Message.customer_id == event.customer_id,
            Message.message_class == MARKETING,
            Message.channel == "email",
            Message.state.in_(_RANK),
            Message.sent_at > now(session) - BLAMED,
        )
        .order_by(Message.sent_at.desc())
        .limit(1)
    ).one_or_none()
    if blamed is not None and blamed.state != "complained":
        sender_service.note_outcome(session, blamed.kind, blamed.lane, "unsubscribes")


def _apply(session: Session, provider: str, webhook: Webhook, body: bytes) -> None:
    _take(session, provider, webhook, partial(reports.read, provider), body)


def _take(
    session: Session,
    provider: str,
    webhook: Webhook,
    read: Callable[[bytes], Report | None],
    body: bytes,
) -> None:
    try:
        report = read(body)
    except ValueError as error:
        raise GiveUp(f"payload: {error}") from error
    message = _message(session, report) if report else None
    if report is None or message is None:
        # Of a kind we do not act on, or of mail that the shop sent by itself from this account.
        return
    if message.state == "sending":
        raise TryLater("the hand-over is not finished", 5.0)
    fresh = sender_service.keep_report(
        session,
        provider=provider,
        event_id=webhook.webhook_id,
        kind=report.kind,
        message_id=message.id,
        address=_normal(message.recipient) or None,
        occurred_at=report.occurred_at or now(session),
        detail=report.detail,
    )
    if fresh:
        _move_on(session, message, report)
        _count(session, message, report)
        _follow(session, message, report)


def _message(session: Session, report: Report) -> Message | None:
    """The message a report is about: by our number, or by the provider's from the attempt."""
    query = select(Message).with_for_update()
    number = report.reference
    if number.isascii() and number.isdigit() and len(number) < 19:
        query = query.where(Message.id == int(number))
        if report.send_key:
            # A mail's headers are anybody's to write; the key is known to whoever got it.
            query = query.where(Message.send_key == uuid.UUID(report.send_key))
    elif report.provider_id:
        tried = select(SendAttempt.message_id).where(SendAttempt.detail == report.provider_id)
        query = query.where(Message.id.in_(tried.limit(1)))
    else:
        return None
    return session.scalars(query).one_or_none()


def _move_on(session: Session, message: Message, report: Report) -> None:
    """The state a report proves, if the message is not further already. Whatever we thought of it
    (in doubt, to be tried again, given up), a provider that reports on it has taken it."""
    reached = _REACHES.get(report.kind)
    if reached is None or _RANK.get(message.state, 0) >= _RANK[reached]:
        return
    unknown = message.state not in _RANK
    message.state, message.error = reached, None
    message.claim_token = message.lease_until = message.retry_at = None
    message.reason = "bounced" if reached == "bounced" else None
    message.sent_at = message.sent_at or now(session)
    if unknown and message.message_class != TEST:
        sender_service.note_sent(session, message.kind, message.lane)
        record(
            session,
            MessageSent(
                occurred_at=message.sent_at,
                order_id=message.order_id,
                customer_id=message.customer_id,
                message_id=message.id,
                kind=message.kind,
            ),
        )


def _count(session: Session, message: Message, report: Report) -> None:
    outcome = _COUNTED.get(report.kind)
    if outcome is not None and message.message_class != TEST:
        sender_service.note_outcome(session, message.kind, message.lane, outcome)


def _follow(session: Session, message: Message, report: Report) -> None:
    """A mailbox that is gone gets nothing more; one that complained gets no more marketing."""
    if not message.recipient or message.message_class == TEST:
        return
    if report.kind == HARD:
        _suppress(session, message, "hard_bounce", "all")
    elif report.kind == SOFT and _soft_bounces(session, message) >= SOFT_BOUNCES:
        _suppress(session, message, "soft_bounces", "all")
    elif report.kind == COMPLAINED:
        # First, so that it is the reason that stays: a later consent does not lift a complaint.
        _suppress(session, message, "complaint", "marketing")
        if message.customer_id is not None:
            consent.unsubscribe(
                session,
                message.customer_id,
                message.recipient,
                "complaint",
                evidence={"message_id": message.id},
            )


def _suppress(session: Session, message: Message, reason: str, scope: str) -> None:
    consent.suppress(
        session,
        channel=message.channel,
        address=message.recipient or "",
        reason=reason,
        scope=scope,
        customer_id=message.customer_id,
    )


def _soft_bounces(session: Session, message: Message) -> int:
    since = now(session) - SOFT_SPAN
    return senders.reports_of(session, _normal(message.recipient), SOFT, since)


def _normal(address: str | None) -> str:
    return (address or "").strip().casefold()
