"""Who is one person: guest orders with the same address, and the same customer on every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.together import Question, Together
from app.messages import rules
from app.messages.kinds import MARKETING
from app.messages.model import Message, MessageSignal
from app.messages.queries import GONE
from app.messages.signal_rules import CLICK, HUMAN
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.mirror.subscriptions import RENEWALS

#: How far back answers count: what somebody ignored two years ago says nothing.
REMEMBERED = timedelta(days=180)
#: At which hours somebody answers is learnt from so many of their moments, of so long.
HABITS, YEAR = 50, timedelta(days=365)
#: What a person has had, will have or may have had: this is what the caps count.
COUNTED = (
    *("scheduled", "claimed", "sending", "sent", "delivered"),
    *("complained", "bounced", "in_doubt", "closed"),
)


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
    """One message that sells something: how it went or when it is to go, what decides about its
    moment, and whether its clicks are counted."""

    id: int
    kind: str
    channel: str
    journey: str | None
    step: str | None
    key: str
    run_id: int | None
    order_id: int | None
    subject_ids: dict[str, Any]
    state: str
    due_at: datetime | None
    sent_at: datetime | None
    clicked_at: datetime | None
    counts_clicks: bool

    @property
    def message_class(self) -> str:
        """What all of these are."""
        return MARKETING


def find(session: Session, customer_id: int | None, address: str | None) -> Person:
    """The person behind a customer and an address (of whichever channel)."""
    written, folded = _written(session, customer_id, address)
    ids = {customer_id} if customer_id is not None else set()
    ids |= set(session.scalars(_SAME_ADDRESS, {"emails": [*written, *folded]}))
    return Person(tuple(sorted(ids)), tuple(folded))


def hold(session: Session, customer_id: int | None, address: str | None) -> Person:
    """The same person, of whom nobody else counts or places marketing messages until the commit:
    two workers cannot both find the last free place."""
    written, folded = _written(session, customer_id, address)
    asked = {
        "shop": str(session.info["shop_id"]),
        "customer": customer_id,
        "emails": [*written, *folded],
        "addresses": folded,
    }
    rows = session.execute(_HOLD, asked)
    return Person(tuple(sorted(row.id for row in rows if row.id is not None)), tuple(folded))


def _written(
    session: Session, customer_id: int | None, address: str | None
) -> tuple[list[str], list[str]]:
    """The addresses of a person as they are written, and without regard to case."""
    customer = mirror.customer(session, customer_id)
    written = {found for found in (address, customer.email if customer else None) if found}
    return sorted(written), sorted({each.lower() for each in written})


def had(session: Session, person: Person) -> list[Had]:
    """The marketing this person was sent in the time that counts, and what is to come. What waits
    without a date is none of it: it finds its place when it is let go."""
    return [Had(*row) for row in session.execute(_HAD, _named(session, person))]


def told(session: Session, person: Person) -> tuple[list[Had], list[datetime]]:
    """What this person `had`, and the latest moments at which they clicked or bought something, at
    most `HABITS`; in one statement."""
    found = _both().ask(session, _named(session, person))
    moments = sorted((moment for (moment,) in found["moments"]), reverse=True)
    return [Had(*row) for row in found["had"]], moments[:HABITS]


def _named(session: Session, person: Person) -> dict[str, object]:
    return {
        "addresses": list(person.addresses),
        "customer_ids": list(person.customer_ids),
        "since": now(session) - REMEMBERED,
        "year_ago": now(session) - YEAR,
    }


def is_distant(session: Session, person: Person, past: Sequence[Had]) -> bool:
    """Whether this person has answered to nothing lately, neither by a click nor by an order.
    `past` is what `had` found."""
    counted = [one for one in past if one.counts_clicks and one.state in GONE]
    clicked = sum(one.clicked_at is not None for one in counted)
    sent = [one.sent_at for one in counted if one.sent_at]
    if not rules.is_distant(len(counted), clicked, bought=False) or not sent:
        return False
    bought = session.scalar(
        select(Order.id)
        .where(Order.customer_id.in_(person.customer_ids), Order.placed_at > min(sent))
        .limit(1)
    )
    return rules.is_distant(len(counted), clicked, bought=bought is not None)


# Put together once: every message that sells asks them.
_CUSTOMERS: Any = any_(bindparam("customer_ids", type_=ARRAY(BigInteger)))
_SINCE = bindparam("since", type_=DateTime(timezone=True))
_YEAR_AGO = bindparam("year_ago", type_=DateTime(timezone=True))
_THEIRS = or_(
    func.lower(Message.recipient) == any_(bindparam("addresses", type_=ARRAY(Text))),
    Message.customer_id == _CUSTOMERS,
)
# In words: a list of parameters would be put together anew every time.
_COUNTS = Message.state == any_(array([literal_column(f"'{state}'") for state in COUNTED]))
_SAME_ADDRESS = select(Customer.id).where(
    Customer.email == any_(bindparam("emails", type_=ARRAY(Text)))
)
_HAD: Any = select(*(getattr(Message, name) for name in Had._fields)).where(
    _THEIRS,
    Message.message_class == MARKETING,
    or_(
        Message.sent_at >= _SINCE,
        and_(Message.sent_at.is_(None), Message.due_at.is_not(None), _COUNTS),
    ),
)
_CLICKS = (
    select(MessageSignal.occurred_at.label("moment"))
    .join(
        Message,
        and_(Message.shop_id == MessageSignal.shop_id, Message.id == MessageSignal.message_id),
    )
    .where(
        _THEIRS,
        MessageSignal.what == CLICK,
        MessageSignal.verdict == HUMAN,
        MessageSignal.occurred_at > _YEAR_AGO,
    )
    .order_by(MessageSignal.occurred_at.desc())
    .limit(HABITS)
)
_ORDERS = (
    select(Order.placed_at.label("moment"))
    .where(
        Order.customer_id == _CUSTOMERS,
        Order.placed_at > _YEAR_AGO,
        # What a subscription ordered says nothing about when its buyer is awake.
        not_(func.coalesce(Order.source_name, "").startswith(RENEWALS)),
        # What was bought over the counter says when somebody was in town, not when they read mail.
        func.coalesce(Order.source_name, "") != "pos",
    )
    .order_by(Order.placed_at.desc())
    .limit(HABITS)
)
_MOMENTS = union_all(*(select(each.subquery().c.moment) for each in (_CLICKS, _ORDERS))).subquery()


@cache
def _both() -> Together:
    return Together(had=Question(_HAD), moments=Question(select(_MOMENTS.c.moment)))


# Always in the same order: two workers that share a name cannot wait for each other.
_HOLD: Any = text(
    """
    WITH ids AS (
        SELECT id FROM customers WHERE email = ANY(:emails)
        UNION SELECT CAST(:customer AS bigint)
    ), names AS (
        SELECT id, CAST(id AS text) AS name FROM ids WHERE id IS NOT NULL
        UNION ALL SELECT NULL, unnest(CAST(:addresses AS text[]))
    )
    SELECT id, pg_advisory_xact_lock(hashtextextended(:shop || ':' || name, 0))
    FROM (SELECT id, name FROM names ORDER BY name COLLATE "C") AS sorted
    """
)
