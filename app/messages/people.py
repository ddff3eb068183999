"""Who is one person: guest orders with the same address, and the same customer on every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, or_, select, text
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


class Had(NamedTuple):
    """One message that sold something, how it went, and whether its clicks are counted."""

    message_id: int
    state: str
    sent_at: datetime
    clicked_at: datetime | None
    counts_clicks: bool


def person_of(session: Session, message: Message) -> Person:
    """The person a message is for."""
    return find(session, message.customer_id, message.recipient)


def find(session: Session, customer_id: int | None, address: str | None) -> Person:
    """The person behind a customer and an address (of whichever channel)."""
    customer = mirror.customer(session, customer_id)
    written = {found for found in (address, customer.email if customer else None) if found}
    folded = {each.lower() for each in written}
    ids = {customer_id} if customer_id is not None else set()
    ids |= set(session.scalars(_SAME_ADDRESS, {"emails": sorted(written | folded)}))
    return Person(tuple(sorted(ids)), tuple(sorted(folded)))


def hold(session: Session, person: Person) -> None:
    """Let nobody else count or place this person's marketing messages until the commit, so that
    two workers cannot both find the last free place."""
    shop_id = session.info["shop_id"]
    names = [f"{shop_id}:{known}" for known in (*person.customer_ids, *person.addresses)]
    # Always in the same order: two workers that share a name cannot wait for each other.
    session.execute(_HOLD, {"names": sorted(names)})


def had(session: Session, person: Person) -> list[Had]:
    """The marketing this person was sent in the time that counts."""
    rows = session.execute(
        _HAD,
        {
            "addresses": person.addresses,
            "customer_ids": person.customer_ids,
            "since": now(session) - REMEMBERED,
        },
    )
    return [Had(*row) for row in rows]


def is_distant(session: Session, person: Person, past: Sequence[Had] | None = None) -> bool:
    """Whether this person has answered to nothing lately, neither by a click nor by an order.
    `past` is what `had` found, where it was asked already."""
    past = had(session, person) if past is None else past
    counted = [one for one in past if one.counts_clicks and one.state in GONE]
    clicked = sum(one.clicked_at is not None for one in counted)
    if not rules.is_distant(len(counted), clicked, bought=False) or not counted:
        return False
    first = min(one.sent_at for one in counted)
    bought = session.scalar(
        select(Order.id)
        .where(Order.customer_id.in_(person.customer_ids), Order.placed_at > first)
        .limit(1)
    )
    return rules.is_distant(len(counted), clicked, bought=bought is not None)


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


# Put together once: every message that sells asks them.
_SAME_ADDRESS = select(Customer.id).where(Customer.email.in_(bindparam("emails", expanding=True)))
_HAD: Any = select(
    Message.id, Message.state, Message.sent_at, Message.clicked_at, Message.counts_clicks
).where(
    or_(
        func.lower(Message.recipient).in_(bindparam("addresses", expanding=True)),
        Message.customer_id.in_(bindparam("customer_ids", expanding=True)),
    ),
    Message.message_class == MARKETING,
    Message.sent_at >= bindparam("since"),
)
_HOLD = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) "
    "FROM unnest(CAST(:names AS text[])) AS name"
)
