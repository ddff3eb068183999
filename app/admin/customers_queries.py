"""One customer across the rooms: who they are, what is to come, what they had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.admin.timeline import story as stories
from app.admin.timeline.future import to_come
from app.admin.timeline.items import Day, Item, by_day, without_a_day
from app.consent import queries as consent_queries
from app.consent import service as consent
from app.consent.model import TOPICS, Hold
from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import current_locale
from app.journal import queries as journal
from app.journeys.model import JourneyRun, JourneyTask
from app.journeys.queries import LIVE, Task, as_task
from app.messages import queries as messages
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order

FOUND = 25
#: Orders whose future is looked at; older ones have none.
NEWEST = 8
#: Messages shown; the newest of them.
HISTORY = 60


def find(session: Session, wanted: str) -> list[Customer]:
    """Customers by an exact e-mail address or an order's number; nothing else finds anybody."""
    wanted = wanted.strip()
    if "@" in wanted:
        matches = func.lower(Customer.email) == wanted.lower()
        same = select(Order.customer_id).where(Order.email_key == wanted.lower())
        query = select(Customer).where(or_(matches, Customer.id.in_(same)))
    else:
        digits = "".join(sign for sign in wanted if sign.isdigit())
        if not digits:
            return []
        buyers = select(Order.customer_id).where(Order.name_digits == digits)
        query = select(Customer).where(Customer.id.in_(buyers))
    return list(session.scalars(query.order_by(Customer.id.desc()).limit(FOUND)))


def newest(session: Session) -> list[Customer]:
    """The customers of the newest orders."""
    recent = mirror.recent_orders(session, limit=2 * FOUND)
    numbers = list(dict.fromkeys(one.customer_id for one in recent if one.customer_id is not None))
    known = session.scalars(select(Customer).where(Customer.id.in_(numbers[:FOUND]))).all()
    return sorted(known, key=lambda one: numbers.index(one.id))


def order_counts(session: Session, found: Sequence[Customer]) -> dict[int, int]:
    """How many orders each of these customers placed; none of who placed none."""
    rows = session.execute(
        select(Order.customer_id, func.count().label("number"))
        .where(Order.customer_id.in_([one.id for one in found]))
        .group_by(Order.customer_id)
    )
    return {row.customer_id: row.number for row in rows}


@dataclass(frozen=True)
class Permission:
    """Whether marketing about a topic may reach a person by a channel, and if not, why."""

    topic: str
    by_channel: dict[str, str | None]


@dataclass(frozen=True)
class Coming:
    """What is still to come: without a date, and by day."""

    waiting: list[Item]
    days: list[Day]


def customer(session: Session, customer_id: int) -> Customer:
    """The customer; raises `NotFound`."""
    found = mirror.customer(session, customer_id)
    if found is None:
        raise NotFound
    return found


def coming(session: Session, customer_id: int, zone: str, today: datetime) -> Coming:
    """Every journey's coming steps over all orders of a person, with dates and reasons."""
    items: list[Item] = []
    for order in mirror.orders_of(session, customer_id)[-NEWEST:]:
        story = stories.read(session, order.id)
        items += [_of_order(item, order) for item in to_come(story)]
    return Coming(
        waiting=without_a_day(items),
        days=by_day(items, zone, current_locale(), today.date()),
    )


def _of_order(item: Item, order: Order) -> Item:
    return Item(**{**vars(item), "details": [*item.details, order.name]})


def permissions(session: Session, found: Customer) -> tuple[list[str], list[Permission]]:
    """The channels a person is reached by, and what marketing may reach them by each."""
    known = consent_queries.known(session, found)
    addresses = {"email": found.email or "", **known.addresses}
    return list(addresses), [
        Permission(
            topic,
            {
                channel: consent.may_send(
                    session,
                    found,
                    address=address,
                    channel=channel,
                    message_class="marketing",
                    topic=topic,
                    known=known,
                )
                for channel, address in addresses.items()
            },
        )
        for topic in TOPICS
    ]


def holds(session: Session, customer_id: int) -> list[Hold]:
    """What everything that sells waits for."""
    return consent_queries.holds(session, customer_id)


def tasks(session: Session, customer_id: int) -> list[Task]:
    """What is to be done for a person, and what was, the newest first."""
    rows = session.scalars(
        select(JourneyTask)
        .where(JourneyTask.customer_id == customer_id)
        .order_by(JourneyTask.id.desc())
        .limit(NEWEST)
    )
    return [as_task(row) for row in rows]


def live_journeys(session: Session, customer_id: int) -> list[str]:
    """The journeys a person is on their way in."""
    rows = session.scalars(
        select(JourneyRun.journey)
        .where(JourneyRun.customer_id == customer_id, JourneyRun.state.in_(LIVE))
        .distinct()
        .order_by(JourneyRun.journey)
    )
    return list(rows)


@dataclass(frozen=True)
class Had:
    """A message somebody had, or was to have."""

    message: Message
    title: str
    reason: str
    at: datetime
    again: bool
    #: Who of the staff (Shopify's number) had it sent once more; None for a first one.
    by: str | None


def history(session: Session, customer_id: int, title: Callable[[str], str]) -> list[Had]:
    """The newest messages of a person; what is still to come stands with the journeys. Only what
    left may be sent again."""
    past = ("sent", "delivered", "bounced", "complained", "closed")
    resent = journal.of_customer_and_kind(session, customer_id, "MessageResent")
    by = {entry.data["message_id"]: str(entry.data["staff"]) for entry in resent}
    rows = session.scalars(
        select(Message)
        .where(
            Message.customer_id == customer_id,
            Message.state.in_((*past, "skipped", "cancelled", "failed", "in_doubt")),
            Message.message_class != "test",
        )
        .order_by(func.coalesce(Message.sent_at, Message.created_at).desc(), Message.id.desc())
        .limit(HISTORY)
    )
    return [
        Had(
            message=row,
            title=title(row.kind),
            reason=messages.reason_text(row.reason),
            at=row.sent_at or row.created_at,
            again=row.state in past,
            by=by.get(row.id),
        )
        for row in rows
    ]


def moment(session: Session) -> datetime:
    """Now, for the pages."""
    return now(session)
