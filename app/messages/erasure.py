"""What a person may ask of the messages room: to see what was sent to them, and to be forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from app.messages.calling_off import WAITING, call_off
from app.messages.model import Message, MessageContent
from app.mirror.model import Customer


def erase_person(session: Session, customer: Customer) -> int:
    """Call off what was coming, delete what was said and forget the address; that something was
    sent, and when, stays for the figures. Returns how many messages were cut."""
    found = session.scalars(select(Message).where(_of(customer)).with_for_update()).all()
    session.execute(
        delete(MessageContent).where(MessageContent.message_id.in_([row.id for row in found]))
    )
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


def _of(customer: Customer) -> ColumnElement[bool]:
    mine = Message.customer_id == customer.id
    return or_(mine, Message.recipient == customer.email) if customer.email else mine
