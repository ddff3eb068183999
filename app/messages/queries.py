"""Reads of messages for timelines and the admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.messages.figures import Figures
from app.messages.figures import by_kind as figures
from app.messages.kinds import MARKETING, Kind, all_kinds, kind
from app.messages.model import Message, MessageContent, MessageShift, SendAttempt
from app.messages.reasons import WANTING, reason_text
from app.messages.wishes import REVIEWS

#: The states of a message that left the house.
GONE = ("sent", "delivered", "complained")

__all__ = [
    "Engagement",
    "Figures",
    "MessageStory",
    "Moved",
    "Opened",
    "all_kinds",
    "asks_for_review",
    "by_id",
    "clicked",
    "engagement",
    "figures",
    "in_doubt",
    "is_kind",
    "kind",
    "kind_title",
    "of_customer",
    "of_order",
    "open_message",
    "reason_text",
    "sent_counts",
    "stories_of_order",
    "the_kind",
]


@dataclass(frozen=True)
class Moved:
    """The arbiter moved it."""

    moved_from: datetime
    moved_to: datetime
    reason: str


@dataclass(frozen=True)
class MessageStory:
    """One message as a timeline tells it: what it is, when it goes or went, and why not."""

    message: Message
    title: str
    reason: str
    shifts: list[Moved]


@dataclass(frozen=True)
class Opened:
    """One message with what was said and every try to say it."""

    message: Message
    content: MessageContent | None
    attempts: list[SendAttempt]
    shifts: list[MessageShift]


def by_id(session: Session, message_id: int) -> Message:
    """The message; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Message, (session.info["shop_id"], message_id))
    if found is None:
        raise NotFound
    return found


def of_order(session: Session, order_id: int) -> list[Message]:
    """An order's messages in the order they are due."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.order_id == order_id)
            .order_by(func.coalesce(Message.sent_at, Message.due_at), Message.id)
        )
    )


def of_customer(session: Session, customer_id: int) -> list[Message]:
    """A customer's messages in the order they are due."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.customer_id == customer_id)
            .order_by(func.coalesce(Message.sent_at, Message.due_at), Message.id)
        )
    )


def stories_of_order(session: Session, order_id: int, language: str) -> list[MessageStory]:
    """An order's messages with their titles, moves and reasons in words."""
    messages = of_order(session, order_id)
    moves: dict[int, list[Moved]] = {}
    for shift in session.scalars(
        select(MessageShift)
        .where(MessageShift.message_id.in_([message.id for message in messages]))
        .order_by(MessageShift.id)
    ):
        moved = Moved(shift.moved_from, shift.moved_to, reason_text(shift.reason))
        moves.setdefault(shift.message_id, []).append(moved)
    return [
        MessageStory(
            message=message,
            title=kind_title(message.kind, language),
            reason=reason_text(message.reason),
            # Moving what was never there explains nothing.
            shifts=[] if message.reason in WANTING else moves.get(message.id, []),
        )
        for message in messages
    ]


def kind_title(name: str, language: str) -> str:
    """What people call a kind; one that is no longer shipped keeps its own name."""
    known = all_kinds().get(name)
    return known.title.get(language, name) if known else name


def open_message(session: Session, message_id: int) -> Opened:
    """Everything about one message; raises `NotFound`."""
    message = by_id(session, message_id)
    content = session.scalars(
        select(MessageContent).where(MessageContent.message_id == message_id)
    ).one_or_none()
    attempts = session.scalars(
        select(SendAttempt).where(SendAttempt.message_id == message_id).order_by(SendAttempt.number)
    ).all()
    shifts = session.scalars(
        select(MessageShift).where(MessageShift.message_id == message_id).order_by(MessageShift.id)
    ).all()
    told = [] if message.reason in WANTING else list(shifts)
    return Opened(message, content, list(attempts), told)


def in_doubt(session: Session, limit: int = 100) -> list[Message]:
    """Messages of which nobody knows whether they arrived, newest first."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.state == "in_doubt")
            .order_by(Message.id.desc())
            .limit(limit)
        )
    )


def sent_counts(session: Session, since: datetime) -> dict[str, int]:
    """How many messages of each kind were sent since a moment; test sends do not count."""
    rows = session.execute(
        select(Message.kind, func.count())
        .where(Message.sent_at >= since, Message.state.in_(GONE), Message.message_class != "test")
        .group_by(Message.kind)
    )
    return {name: int(count) for name, count in rows}


@dataclass(frozen=True)
class Engagement:
    """What a person did with the marketing sent to them. `clicked` are people's clicks only;
    `known` is False when nothing that was sent could have told of a click."""

    sent: int
    clicked: int
    known: bool


def clicked(session: Session, message_id: int) -> bool:
    """Whether a person (no scanner) followed one of the message's links."""
    return by_id(session, message_id).clicked_at is not None


def engagement(session: Session, customer_id: int, since: datetime) -> Engagement:
    """How a customer has answered to the marketing sent since a moment."""
    sent, followed, counted = session.execute(
        select(
            func.count(),
            func.count(Message.clicked_at),
            func.count().filter(Message.counts_clicks),
        ).where(
            Message.customer_id == customer_id,
            Message.message_class == MARKETING,
            Message.sent_at >= since,
            Message.state.in_(GONE),
        )
    ).one()
    return Engagement(int(sent), int(followed), known=counted > 0)


def is_kind(name: str) -> bool:
    """Whether a kind of that name is shipped."""
    return name in all_kinds()


def asks_for_review(name: str) -> bool:
    """Whether messages of this kind ask for a public review."""
    return is_kind(name) and kind(name).topic == REVIEWS


def the_kind(name: str) -> Kind:
    """The kind; raises `NotFound` for a name that is not shipped."""
    if not is_kind(name):
        raise NotFound
    return kind(name)
