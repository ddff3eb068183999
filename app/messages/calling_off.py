"""Calling off what has not left: one message, an order's, a run's, a person's, or the shop's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.messages import people, reasons
from app.messages.events import MessageSkipped
from app.messages.facts import TEST
from app.messages.kinds import MARKETING, all_kinds
from app.messages.model import Message
from app.mirror import queries as mirror

#: What has not left the house yet and can still be called off.
WAITING = ("scheduled", "claimed")


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
    return _cancel(session, waiting().where(Message.order_id == order_id), reason)


def cancel_for_refunded_lines(session: Session, order_id: int) -> int:
    """Call off what was to be about products of an order that were given back; returns how many."""
    gone = [line.id for line in mirror.order_lines(session, order_id) if line.current_quantity <= 0]
    query = waiting().where(
        Message.order_id == order_id, Message.subject_ids["line_id"].as_integer().in_(gone)
    )
    return _cancel(session, query, reasons.LINE_REFUNDED)


def cancel_run(session: Session, run_id: int, reason: str) -> int:
    """Call off whatever a journey's run has scheduled; returns how many."""
    return _cancel(session, waiting().where(Message.run_id == run_id), reason)


def withdraw(session: Session, message_id: int, reason: str) -> None:
    """Call off one message, if it has not left."""
    _cancel(session, waiting().where(Message.id == message_id), reason)


def cancel_all(session: Session, reason: str) -> int:
    """Call off everything of the shop; returns how many."""
    return _cancel(session, waiting(), reason)


def cancel_for_person(session: Session, customer_id: int, reason: str) -> int:
    """Call off everything that was coming for a person, on every channel; returns how many."""
    person = people.find(session, customer_id, None)
    return _cancel(session, waiting().where(person.messages), reason)


def cancel_marketing(
    session: Session, customer_id: int, reason: str, *, channel: str = "", topic: str = ""
) -> int:
    """Call off the marketing messages a customer was to get, or those of a channel or a topic
    alone; returns how many. What another channel may still carry is left to it."""
    person = people.find(session, customer_id, None)
    query = waiting().where(Message.message_class == MARKETING, person.messages)
    if channel:
        query = query.where(Message.channel == channel, Message.fallback == [])
    if topic:
        kinds = [name for name, each in all_kinds().items() if each.topic == topic]
        query = query.where(Message.kind.in_(kinds))
    return _cancel(session, query, reason)


def cancel_to_address(session: Session, address: str, reason: str, *, scope: str) -> int:
    """Call off what was to go to an address: all of it, or its marketing."""
    # Suppressions hold addresses without regard to case.
    query = waiting().where(
        func.lower(Message.recipient) == address.lower(), Message.message_class != TEST
    )
    if scope != "all":
        query = query.where(Message.message_class == MARKETING)
    return _cancel(session, query, reason)


def waiting() -> Select[Message]:
    """What has not left, locked: a worker that has claimed one waits here or finds its claim taken
    away."""
    return select(Message).where(Message.state.in_(WAITING)).with_for_update()


def _cancel(session: Session, query: Select[Any], reason: str) -> int:
    found = session.scalars(query.order_by(Message.id)).all()
    for message in found:
        call_off(session, message, reason)
    return len(found)
