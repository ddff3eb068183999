"""Write down what happened, and see that everyone who listens hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import FromClause, Insert, func, insert, literal, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import table_of
from app.core.errors import GiveUp, NotFound
from app.core.events import Event
from app.core.queue import ring
from app.core.runtime import runtime
from app.journal.model import JournalDelivery, JournalEntry

#: Listeners work in a unit of work that is opened for them: `listener(session, event)`.
Listener = Callable[[Session, Any], None]
#: Errands talk to somebody else's network, and so open their own units of work around it:
#: `errand(shop_id, event)`.
Errand = Callable[[int, Any], None]

ERRANDS = "errands"


def record(session: Session, event: Event) -> None:
    """Write an event to the journal, with it one delivery per listener and errand of the wiring,
    and ring for them.

    Each is called after the commit and retried alone; listeners and errands may record in turn.
    """
    # What it tells of is written first, as it would be by a row of the session's own.
    session.flush()
    entry_id = session.execute(_ENTRY, _entry(session, event)).scalar_one()
    tell(session, entry_id, type(event))


def record_all(session: Session, events: Sequence[Event]) -> None:
    """Like `record` for many events of one type at once, in two statements."""
    if not events:
        return
    session.flush()
    entries = session.scalars(_ENTRIES, [_entry(session, event) for event in events]).all()
    kind = type(events[0])
    if deliveries := [one for entry in entries for one in _deliveries(session, entry, kind)]:
        session.execute(_DELIVERY, deliveries)


def telling(event_type: type[Event], of: FromClause) -> Insert:
    """What writes an event of a type down for each row of `of`, for a statement of another room to
    carry. `of` has the `shop_id` and a column for each of the event's fields. Answers the entries'
    ids; who listens has to be told with `tell`."""
    fields = event_type.__struct_fields__
    data = func.jsonb_build_object(*(part for name in fields for part in (name, of.c[name])))
    told = select(
        of.c.shop_id,
        literal(event_type.__name__),
        of.c.occurred_at,
        of.c.order_id,
        of.c.customer_id,
        data,
    )
    names = ["shop_id", "kind", "occurred_at", "order_id", "customer_id", "data"]
    return insert(_ROW).from_select(names, told, include_defaults=False).returning(_ROW.c.id)


def tell(session: Session, entry_id: int, event_type: type[Event]) -> None:
    """See that everyone who listens hears of an event that `telling` wrote down."""
    if deliveries := _deliveries(session, entry_id, event_type):
        session.execute(_DELIVERY, deliveries)


def deliver(session: Session, delivery: JournalDelivery) -> None:
    """Call the listener a delivery is for; raises `GiveUp` when nobody of that name listens."""
    listener, event = addressee(session, delivery)
    listener(session, event)


def addressee(session: Session, delivery: JournalDelivery) -> tuple[Callable[..., None], Event]:
    """Whom a delivery is for, looked up in the wiring's tables, and the event it carries."""
    entry = session.get_one(JournalEntry, (delivery.shop_id, delivery.entry_id))
    table: Mapping[type[Event], Iterable[Callable[..., None]]] = runtime().table(
        "ERRANDS" if delivery.lane == ERRANDS else "REACTIONS"
    )
    for event_type, called in table.items():
        for one in called if event_type.__name__ == entry.kind else ():
            if listener_name(one) == delivery.listener:
                return one, msgspec.convert(entry.data, event_type)
    raise GiveUp(f"{delivery.listener} no longer listens to {entry.kind}")


def replay(session: Session, delivery_id: int) -> JournalDelivery:
    """Have a failed delivery tried again, once its listener was mended."""
    delivery = session.get(JournalDelivery, (session.info["shop_id"], delivery_id))
    if delivery is None:
        raise NotFound
    delivery.state, delivery.due_at, delivery.attempts = "scheduled", now(session), 0
    delivery.error = delivery.retry_at = delivery.claim_token = delivery.lease_until = None
    ring(session, "journal.run_errands" if delivery.lane == ERRANDS else "journal.react")
    return delivery


def listener_name(called: Callable[..., None]) -> str:
    """`room.service.function`: what a delivery says of whom it is for."""
    return f"{called.__module__.removeprefix('app.')}.{called.__qualname__}"


def _wired(table: str, event_type: type[Event]) -> list[Callable[..., None]]:
    found: list[Callable[..., None]] = runtime().table(table).get(event_type, [])
    return found


def _entry(session: Session, event: Event) -> dict[str, Any]:
    return {
        "shop_id": session.info["shop_id"],
        "kind": type(event).__name__,
        "occurred_at": event.occurred_at,
        "order_id": event.order_id,
        "customer_id": event.customer_id,
        "data": msgspec.to_builtins(event),
    }


def _deliveries(session: Session, entry_id: int, event_type: type[Event]) -> list[dict[str, Any]]:
    """One for everybody who listens to events of a type; they are rung for."""
    found = []
    for table, lane, bell in (
        ("REACTIONS", "default", "journal.react"),
        ("ERRANDS", ERRANDS, "journal.run_errands"),
    ):
        called = _wired(table, event_type)
        if called:
            ring(session, bell)
        found += [
            {
                "shop_id": session.info["shop_id"],
                "entry_id": entry_id,
                "listener": listener_name(one),
                "due_at": now(session),
                "lane": lane,
            }
            for one in called
        ]
    return found


# Put together once: whatever happens is written by them.
_ROW = table_of(JournalEntry)
_ENTRY = insert(_ROW).returning(_ROW.c.id)
_ENTRIES = insert(_ROW).returning(_ROW.c.id, sort_by_parameter_order=True)
_DELIVERY = insert(table_of(JournalDelivery))
