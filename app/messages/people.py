"""Who is one person: guest orders with the same address, and the same customer on every channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.messages import rules
from app.messages.kinds import MARKETING
from app.messages.model import Message, MessageSignal
from app.messages.queries import GONE
from app.messages.signal_rules import CLICK, HUMAN
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order

#: How far back answers count: what somebody ignored two years ago says nothing.
REMEMBERED = timedelta(days=180)
#: At which hours somebody answers is learnt from so many of their moments, of so long.
HABITS, YEAR = 50, timedelta(days=365)


@dataclass(frozen=True)
class Person:
    """All we know one reader by: our customers' ids, and addresses without regard to case."""

    customer_ids: tuple[int, ...]
    addresses: tuple[str, ...]

    @property
    def messages(self) -> ColumnElement[bool]:
        """Which messages are theirs."""
        return or_(
            func.lower(Message.recipient).in_(self.addresses),
            Message.customer_id.in_(self.customer_ids),
        )


def person_of(session: Session, message: Message) -> Person:
    """The person a message is for."""
    return find(session, message.customer_id, message.recipient)


def find(session: Session, customer_id: int | None, address: str | None) -> Person:
    """The person behind a customer and an address (of whichever channel)."""
    customer = mirror.customer(session, customer_id)
    written = {found for found in (address, customer.email if customer else None) if found}
    folded = {each.lower() for each in written}
    ids = {customer_id} if customer_id is not None else set()
    ids |= set(
        session.scalars(select(Customer.id).where(Customer.email.in_(sorted(written | folded))))
    )
    return Person(tuple(sorted(ids)), tuple(sorted(folded)))


def hold(session: Session, person: Person) -> None:
    """Let nobody else count or place this person's marketing messages until the commit, so that
    two workers cannot both find the last free place."""
    shop_id = session.info["shop_id"]
    names = [f"{shop_id}:{known}" for known in (*person.customer_ids, *person.addresses)]
    # Always in the same order: two workers that share a name cannot wait for each other.
    session.execute(
        text(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
            "FROM unnest(CAST(:names AS text[])) AS name"
        ),
        {"names": sorted(names)},
    )


def is_distant(session: Session, person: Person) -> bool:
    """Whether this person has answered to nothing lately, neither by a click nor by an order."""
    since = now(session) - REMEMBERED
    sent, clicked, first = _answers(session, person, since)
    if not rules.is_distant(sent, clicked, bought=False) or first is None:
        return False
    bought = session.scalar(
        select(Order.id)
        .where(Order.customer_id.in_(person.customer_ids), Order.placed_at > first)
        .limit(1)
    )
    return rules.is_distant(sent, clicked, bought=bought is not None)


def _answers(session: Session, person: Person, since: datetime) -> tuple[int, int, datetime | None]:
    row = session.execute(
        select(func.count(), func.count(Message.clicked_at), func.min(Message.sent_at)).where(
            person.messages,
            Message.message_class == MARKETING,
            Message.state.in_(GONE),
            Message.counts_clicks,
            Message.sent_at >= since,
        )
    ).one()
    return int(row[0]), int(row[1]), row[2]


def habits(session: Session, person: Person) -> list[datetime]:
    """The latest moments at which this person clicked or bought something, at most `HABITS`."""
    since = now(session) - YEAR
    clicks = (
        select(MessageSignal.occurred_at)
        .join(Message, Message.id == MessageSignal.message_id)
        .where(
            person.messages,
            MessageSignal.what == CLICK,
            MessageSignal.verdict == HUMAN,
            MessageSignal.occurred_at > since,
        )
        .order_by(MessageSignal.occurred_at.desc())
        .limit(HABITS)
    )
    orders = (
        select(Order.placed_at)
        .where(Order.customer_id.in_(person.customer_ids), Order.placed_at > since)
        .order_by(Order.placed_at.desc())
        .limit(HABITS)
    )
    found = [*session.scalars(clicks), *session.scalars(orders)]
    return sorted(found, reverse=True)[:HABITS]
