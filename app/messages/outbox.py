"""A message on its way out: intent, then the wire, then what came of it.

Each function here is one unit of work. The network lies between `intend` and `finish`, with no
transaction open; a worker that dies there leaves the row at `sending`, and the sweep calls it in
doubt rather than sending it twice.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.channels.mime import split_address
from app.consent import service as consent
from app.core.claim import MAX_ATTEMPTS, Claim, backoff_seconds, claimed_row, give_back
from app.core.clock import machine_now, now
from app.core.db import dispatching
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.journal.service import record
from app.messages import context, reasons, rules, samples
from app.messages.events import MessageFailed, MessageSent
from app.messages.facts import TEST, Facts, gather, refusal
from app.messages.kinds import MARKETING, kind
from app.messages.model import Message, MessageContent, SendAttempt
from app.messages.render import Sender, headers, render
from app.messages.service import call_off, hold_person, missing, schedule

NAMESPACE = uuid.UUID("6f1c2a54-0b7e-5d6b-9a55-0c5f1a2e7d31")
LEASE = timedelta(minutes=5)
#: 2 s, 8 s, 32 s, 2 min, 8 min, 34 min, 2 h 16: three hours of trying, then it is visible.
TRIES = 8
#: What the journal and the row say of a message that ran out of tries.
NOT_TAKEN = "not_taken"


def intend(session: Session, mine: Claim) -> Envelope | None:
    """Look again, freeze what will be said, and commit to saying it. None when it is not to be
    sent (now): called off, moved, or no longer ours."""
    message: Message | None = claimed_row(session, Message, mine)
    if message is None or message.state != "claimed":
        return None
    facts = gather(
        session,
        kind(message.kind),
        order_id=message.order_id or message.subject_ids.get("order_id"),
        customer_id=message.customer_id,
        subject_ids=message.subject_ids,
        recipient=message.recipient,
        message_class=message.message_class,
        locale=message.locale,
    )
    content = _content(session, message)
    if not _may_leave(session, message, facts):
        return None
    message.send_key = message.send_key or uuid.uuid5(NAMESPACE, f"{message.shop_id}/{message.key}")
    if content is None:
        content = _write(session, message, facts)
    if content is None:
        return None
    message.state, message.sent_at = "sending", now(session)
    message.lease_until = machine_now() + LEASE
    return _envelope(content, facts)


def finish(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """The other side took it."""
    message = _sending(session, mine)
    if message is None:
        return
    _attempt(session, message, "sent", detail, started)
    message.state, message.error = "sent", None
    message.sent_at = now(session)
    message.lease_until = message.claim_token = None
    if message.message_class != TEST:
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
        fail(session, message, "rejected", detail)


def bounce(session: Session, mine: Claim, started: datetime, detail: str) -> None:
    """There is no such mailbox: the address gets nothing any more (rules.md EM-9)."""
    message = _sending(session, mine)
    if message is None:
        return
    _attempt(session, message, "bounced", detail, started)
    fail(session, message, "bounced", detail)
    message.state = "bounced"
    if message.recipient and message.message_class != TEST:
        consent.suppress(
            session,
            channel=message.channel,
            address=message.recipient,
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


def stumble(session: Session, mine: Claim, detail: str) -> None:
    """A mistake of ours before anything was sent: back with backoff, then failed, visibly."""
    message: Message | None = claimed_row(session, Message, mine)
    if message is None:
        return
    if message.attempts >= MAX_ATTEMPTS:
        fail(session, message, "error", detail)
    else:
        give_back(message, detail)


def release(claims: list[Claim]) -> None:
    """Give back what was claimed and not touched: the batch's time was over."""
    if not claims:
        return
    with dispatching() as session:
        session.execute(
            text(
                "UPDATE messages SET state = 'scheduled', claim_token = NULL, lease_until = NULL, "
                "attempts = attempts - 1 "
                "WHERE id = ANY(:ids) AND claim_token = :token AND state = 'claimed'"
            ),
            {"ids": [mine.id for mine in claims], "token": claims[0].token},
        )


def _may_leave(session: Session, message: Message, facts: Facts) -> bool:
    """The second look: consent, order, shop, lateness, hours, caps."""
    late = False
    if message.max_lateness_s is not None and message.due_at is not None:
        longest = timedelta(seconds=message.max_lateness_s)
        late = rules.is_late(message.due_at, now(session), longest)
    reason = refusal(session, facts) or (missing(facts) if facts.message_class != TEST else None)
    if late and not reason and message.error:
        # It was tried in time; that it is late is the mail server's doing, or a mistake of ours.
        fail(session, message, NOT_TAKEN if message.send_key else "error", message.error)
        return False
    if reason or late:
        call_off(session, message, reason or reasons.TOO_LATE, state="skipped")
        return False
    if _bad_moment(session, message, facts):
        # A backlog was let go, or an earlier message was late itself: find a better moment.
        message.due_at, message.lease_until = now(session), None
        message.attempts -= 1
        schedule(session, message, facts)
        return False
    return True


def _bad_moment(session: Session, message: Message, facts: Facts) -> bool:
    wish = facts.wish(message.key, now(session))
    if wish.at_once:
        return False
    if not rules.is_day(now(session), facts.zone):
        return True
    if not wish.capped:
        return False
    hold_person(session, message)
    same = Message.recipient == message.recipient
    if message.customer_id is not None:
        same |= Message.customer_id == message.customer_id
    gone = session.scalars(
        select(Message.sent_at).where(
            same,
            Message.message_class == MARKETING,
            Message.sent_at > now(session) - rules.WEEK,
            Message.id != message.id,
        )
    ).all()
    return rules.conflict(now(session), [at for at in gone if at]) is not None


def _content(session: Session, message: Message) -> MessageContent | None:
    return session.scalars(
        select(MessageContent).where(MessageContent.message_id == message.id)
    ).one_or_none()


def _write(session: Session, message: Message, facts: Facts) -> MessageContent | None:
    """Render once and keep it: every later attempt says the same, byte for byte."""
    sender = _sender(facts)
    try:
        with use_locale(message.locale):
            mail = context.build(session, facts, message_id=message.id, run_id=message.run_id)
            if facts.message_class == TEST:
                mail = samples.complete(session, mail, facts)
            elif absent := _absent(mail):
                call_off(session, message, absent, state="skipped")
                return None
            rendered = render(mail)
        made = headers(
            mail,
            rendered,
            sender,
            recipient=facts.address,
            send_key=str(message.send_key),
            moment=now(session),
            way_out=mail.marketing and facts.message_class != TEST,
            feedback=f"{message.kind}:{message.shop_id}:{message.message_class}:okaeri",
        )
    except GiveUp as error:
        fail(session, message, reasons.TEMPLATE_ERROR, str(error))
        return None
    content = MessageContent(
        shop_id=message.shop_id,
        message_id=message.id,
        subject=rendered.subject,
        headers=made,
        html=rendered.html.encode(),
        plain=rendered.plain.encode(),
    )
    session.add(content)
    return content


def _absent(mail: context.Mail) -> str | None:
    """What the kind lives from and could not be found."""
    needs = kind(mail.kind).needs
    if "run_out" in needs and not mail.run_out:
        return reasons.NO_RUN_OUT
    if "guide" in needs and mail.guide is None:
        return reasons.NO_GUIDE
    return None


def _sender(facts: Facts) -> Sender:
    """The host's address with the shop's name; a shop with its own server sends as itself. Mail
    in the shop's name through the host's server would fail DMARC at every large mailbox."""
    host = split_address(runtime().settings.mail_from)[1]
    own = facts.settings.smtp_url and facts.settings.sender_email
    return Sender(
        mailbox=facts.settings.sender_email if own else host,
        name=facts.settings.sender_name or facts.shop.name,
        reply_to=context.reply_address(facts),
        sealed=facts.settings.smtp_url,
    )


def _envelope(content: MessageContent, facts: Facts) -> Envelope:
    said: dict[str, str] = content.headers
    sealed = facts.settings.smtp_url
    return Envelope(
        send_key=said["Message-ID"].strip("<>").partition("@")[0],
        sender=split_address(said["From"])[1],
        recipient=said["To"],
        headers=said,
        plain=content.plain.decode(),
        html=content.html.decode(),
        endpoint=unseal(sealed) if sealed else None,
    )


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
            detail=detail[:500],
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
