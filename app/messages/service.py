"""Decide what a person gets: compose, move, call off. Sending itself is `messages.outbox`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.journal.service import record
from app.messages import reasons, rules
from app.messages.events import MessageSkipped
from app.messages.facts import CHANNEL, TEST, Facts, gather, refusal
from app.messages.kinds import MARKETING, TRANSACTIONAL, Kind, kind
from app.messages.model import Message, MessageShift
from app.mirror import queries as mirror

#: What has not left the house yet and can still be called off.
WAITING = ("scheduled", "claimed")
#: What a person has had, will have or may have had: this is what the caps count.
COUNTED = ("scheduled", "claimed", "sending", "sent", "delivered", "bounced", "in_doubt", "closed")


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A wish to say something. `key` names it for good (`<journey>:<run id>:<step>`): composing it
    twice yields the first row. `due_at` is when the journey would like it to arrive.

    `journey` and `step` say where it comes from; `channel` is the step's wish, and without one the
    arbiter chooses. `subject_ids` are ids besides the order: `parcel_id`, `line_id`. `skip` is a
    reason code with which the journey itself has decided against it, so that the timeline shows it
    all the same.
    """

    key: str
    kind: str
    journey: str
    due_at: datetime
    order_id: int | None
    customer_id: int | None
    run_id: int | None = None
    step: str = ""
    channel: str | None = None
    subject_ids: dict[str, int] = field(default_factory=dict)
    skip: str | None = None


def compose(session: Session, intent: Intent) -> Message:
    """Decide about a message: the row is `scheduled` for the moment that suits its reader, or
    `skipped` with the reason. Idempotent on the intent's key."""
    known = by_key(session, intent.key)
    if known is not None:
        return known
    facts = gather(
        session,
        kind(intent.kind),
        order_id=intent.order_id,
        customer_id=intent.customer_id,
        subject_ids=intent.subject_ids,
    )
    message, fresh = _insert(session, intent, facts)
    if not fresh:
        return message
    late = rules.is_late(intent.due_at, now(session), facts.kind.max_lateness)
    reason = intent.skip or refusal(session, facts) or missing(facts) or (late and reasons.TOO_LATE)
    if reason:
        call_off(session, message, reason, state="skipped")
    else:
        schedule(session, message, facts)
    return message


def compose_test(
    session: Session, kind_name: str, locale: str, address: str, sample: dict[str, int]
) -> Message:
    """A test send to the merchant: no consent, no hours, no caps, and no order's timeline. `sample`
    holds the ids of whatever the mail is about (`order_id`, `line_id`, `parcel_id`)."""
    chosen = kind(kind_name)
    message = Message(
        shop_id=session.info["shop_id"],
        key=f"test:{uuid.uuid4()}",
        kind=chosen.name,
        message_class=TEST,
        channel=CHANNEL,
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


def schedule(session: Session, message: Message, facts: Facts) -> None:
    """Give a message the moment the arbiter finds for it, and move what has to yield."""
    wanted = message.due_at or now(session)
    wish = facts.wish(message.key, wanted)
    booked = _booked(session, message, facts) if wish.capped else []
    plan = rules.arrange(wish, now(session), booked)
    for other, moved_to in plan.yielding:
        _yield_place(session, session.get_one(Message, (message.shop_id, other.id)), moved_to)
    if plan.at is None:
        call_off(session, message, reasons.NO_PLACE, state="skipped")
        return
    message.state, message.due_at, message.claim_token = "scheduled", plan.at, None
    for shift in plan.shifts:
        _write_shift(session, message, shift.moved_from, shift.moved_to, shift.reason)
    if plan.at <= now(session):
        ring(session, f"messages.send_{message.lane}")


def missing(facts: Facts) -> str | None:
    """Which of the things its kind needs a message lacks; None when it has them all."""
    lines_wanted = {"line", "run_out"} & facts.kind.needs
    if lines_wanted and facts.line is None:
        return reasons.NO_PRODUCT
    if "parcel" in facts.kind.needs and facts.parcel is None:
        return reasons.PARCEL_CANCELLED
    return None


def call_off(session: Session, message: Message, reason: str, *, state: str = "cancelled") -> None:
    """End a message that has not left, with its reason, and say so in the journal."""
    message.state, message.reason = state, reason
    message.claim_token = message.lease_until = None
    session.flush()
    if message.message_class == TEST:
        return
    record(
        session,
        MessageSkipped(
            occurred_at=now(session),
            order_id=message.order_id,
            customer_id=message.customer_id,
            message_id=message.id,
            kind=message.kind,
            reason=reason,
        ),
    )


def cancel_for_order(session: Session, order_id: int, reason: str) -> int:
    """Call off whatever is still to come for an order; returns how many."""
    return _cancel(session, _waiting().where(Message.order_id == order_id), reason)


def cancel_for_refunded_lines(session: Session, order_id: int) -> int:
    """Call off what was to be about products of an order that were given back; returns how many."""
    gone = [line.id for line in mirror.order_lines(session, order_id) if line.current_quantity <= 0]
    query = _waiting().where(
        Message.order_id == order_id, Message.subject_ids["line_id"].as_integer().in_(gone)
    )
    return _cancel(session, query, reasons.LINE_REFUNDED)


def cancel_run(session: Session, run_id: int, reason: str) -> int:
    """Call off whatever a journey's run has scheduled; returns how many."""
    return _cancel(session, _waiting().where(Message.run_id == run_id), reason)


def withdraw(session: Session, message_id: int, reason: str) -> None:
    """Call off one message, if it has not left."""
    _cancel(session, _waiting().where(Message.id == message_id), reason)


def try_again_now(session: Session) -> None:
    """Have messages that wait for their next try go at once: the mail server's address is a new
    one."""
    waiting = session.scalars(_waiting().where(Message.retry_at.is_not(None))).all()
    for message in waiting:
        message.retry_at = None
    for lane in sorted({message.lane for message in waiting}):
        ring(session, f"messages.send_{lane}")


def cancel_all(session: Session, reason: str) -> int:
    """Call off everything of the shop; returns how many."""
    return _cancel(session, _waiting(), reason)


def cancel_marketing(session: Session, customer_id: int, reason: str) -> int:
    """Call off the marketing messages a customer was to get; returns how many."""
    customer = mirror.customer(session, customer_id)
    address = customer.email if customer else None
    query = _waiting().where(
        Message.message_class == MARKETING,
        or_(Message.customer_id == customer_id, Message.recipient == address),
    )
    return _cancel(session, query, reason)


def cancel_to_address(session: Session, address: str, reason: str, *, scope: str) -> int:
    """Call off what was to go to an address: all of it, or its marketing."""
    # Suppressions hold addresses without regard to case.
    query = _waiting().where(
        func.lower(Message.recipient) == address.lower(), Message.message_class != TEST
    )
    if scope != "all":
        query = query.where(Message.message_class == MARKETING)
    return _cancel(session, query, reason)


def by_key(session: Session, key: str) -> Message | None:
    """The message of an intent, if it was composed before."""
    return session.scalars(select(Message).where(Message.key == key)).one_or_none()


def hold_person(session: Session, message: Message) -> None:
    """Let nobody else count or place this person's marketing messages until the commit, so that
    two workers cannot both find the last free place."""
    person = f"{message.shop_id}:{message.customer_id or message.recipient}"
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 0))"), {"person": person}
    )


def _insert(session: Session, intent: Intent, facts: Facts) -> tuple[Message, bool]:
    """The row of an intent, and whether this call made it: two workers may try at once."""
    chosen: Kind = facts.kind
    made = session.execute(
        insert(Message)
        .values(
            shop_id=session.info["shop_id"],
            key=intent.key,
            kind=chosen.name,
            message_class=chosen.message_class,
            channel=CHANNEL,
            locale=facts.locale,
            journey=intent.journey,
            step=intent.step or None,
            run_id=intent.run_id,
            order_id=intent.order_id,
            customer_id=facts.customer.id if facts.customer else None,
            recipient=facts.address or None,
            subject_ids=intent.subject_ids,
            state="composing",
            lane=chosen.lane,
            attempts=0,
            due_at=intent.due_at,
            max_lateness_s=int(chosen.max_lateness.total_seconds()),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "key"])
        .returning(Message.id)
    ).scalar_one_or_none()
    found = by_key(session, intent.key)
    if found is None:
        raise LookupError(f"the message {intent.key} vanished while it was composed")
    return found, made is not None


def _booked(session: Session, message: Message, facts: Facts) -> list[rules.Booked]:
    """The marketing messages this person has had lately or will have."""
    hold_person(session, message)
    same = Message.recipient == message.recipient
    if message.customer_id is not None:
        same = or_(same, Message.customer_id == message.customer_id)
    rows = session.scalars(
        select(Message).where(
            same,
            Message.message_class == MARKETING,
            Message.state.in_(COUNTED),
            Message.id != message.id,
            or_(Message.sent_at.is_(None), Message.sent_at > now(session) - rules.WEEK),
        )
    )
    return [_as_booked(row, facts) for row in rows]


def _as_booked(row: Message, facts: Facts) -> rules.Booked:
    at = row.sent_at or row.due_at
    if at is None:
        raise LookupError(f"message {row.id} has no moment")
    if row.state != "scheduled":
        return rules.Booked(row.id, at)
    # The same reader: the same zone. What differs is the kind's own hours and priority.
    own = kind(row.kind)
    wish = rules.Wish(
        wanted=at,
        zone=facts.zone,
        capped=True,
        priority=own.priority,
        slots=own.slots,
        jitter=rules.jitter(row.key),
    )
    return rules.Booked(row.id, at, wish)


def _yield_place(session: Session, message: Message, moved_to: datetime | None) -> None:
    if moved_to is None:
        call_off(session, message, reasons.NO_PLACE, state="skipped")
    elif message.due_at is not None and message.state == "scheduled":
        _write_shift(session, message, message.due_at, moved_to, "yielded")
        message.due_at = moved_to


def _write_shift(
    session: Session, message: Message, moved_from: datetime, moved_to: datetime, reason: str
) -> None:
    session.add(
        MessageShift(
            shop_id=message.shop_id,
            message_id=message.id,
            moved_from=moved_from,
            moved_to=moved_to,
            reason=reason,
        )
    )


def _waiting() -> Select[Message]:
    # Locked: a worker that has claimed one waits here or finds its claim taken away.
    return select(Message).where(Message.state.in_(WAITING)).with_for_update()


def _cancel(session: Session, query: Select[Any], reason: str) -> int:
    found = session.scalars(query.order_by(Message.id)).all()
    for message in found:
        call_off(session, message, reason)
    return len(found)
