"""What a person may ask of the messages room: to see what was sent to them, and to be forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.messages.calling_off import WAITING, call_off
from app.messages.model import Message, MessageContent, SendAttempt
from app.mirror.model import Customer
from app.senders import queries as senders
from app.senders import service as sender_service


def erase_person(session: Session, customer: Customer) -> int:
    """Call off what was coming, delete what was said and forget the address; that something was
    sent, and when, stays for the figures. Returns how many messages were cut."""
    found = session.scalars(select(Message).where(_of(customer)).with_for_update()).all()
    numbers = [row.id for row in found]
    session.execute(delete(MessageContent).where(MessageContent.message_id.in_(numbers)))
    # Mail servers name the address they refuse.
    session.execute(
        update(SendAttempt).where(SendAttempt.message_id.in_(numbers)).values(detail=None)
    )
    sender_service.erase_reports(session, _address(customer), numbers)
    for message in found:
        if message.state in WAITING:
            call_off(session, message, "customer_erased")
        message.recipient = message.error = None
    return len(found)


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """Every message to a customer, with its words where it was sent."""
    rows = session.execute(
        select(Message, MessageContent)
        .outerjoin(
            MessageContent,
            (MessageContent.shop_id == Message.shop_id) & (MessageContent.message_id == Message.id),
        )
        .where(_of(customer))
        .order_by(Message.id)
    )
    return [
        {
            "kind": message.kind,
            "state": message.state,
            "reason": message.reason,
            "address": message.recipient,
            "due_at": message.due_at,
            "sent_at": message.sent_at,
            "subject": content.subject if content else None,
            "text": content.plain.decode() if content else None,
        }
        for message, content in rows
    ]


def export_reports(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What mail servers and providers reported of a customer's messages: tries, bounces,
    complaints."""
    numbers = session.scalars(select(Message.id).where(_of(customer)).order_by(Message.id)).all()
    tries = session.scalars(
        select(SendAttempt).where(SendAttempt.message_id.in_(numbers)).order_by(SendAttempt.id)
    )
    return [
        *({"kind": f"try: {one.outcome}", "at": one.finished_at, "detail": one.detail}
          for one in tries),
        *({"kind": one.kind, "at": one.occurred_at, "by": one.provider, "address": one.address,
           "detail": one.detail}
          for one in senders.reports_about(session, _address(customer), numbers)),
    ]  # fmt: skip


def _address(customer: Customer) -> str:
    """As reports keep it."""
    return (customer.email or "").strip().casefold()


def _of(customer: Customer) -> ColumnElement[bool]:
    mine = Message.customer_id == customer.id
    return or_(mine, Message.recipient == customer.email) if customer.email else mine
