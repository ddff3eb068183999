"""A composed message as a row: written with its moves in one statement, once for each intent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from app.core.db import table_of
from app.messages import rules
from app.messages.arbiter import moves, moving
from app.messages.model import Message


def write(session: Session, row: dict[str, Any], plan: rules.Plan | None) -> tuple[Message, bool]:
    """The row of an intent, and whether this call made it: two workers may try at once. With it
    the moves of its plan are written."""
    shifts = plan.shifts if plan and plan.at else ()
    asked = (_INSERT_MOVED, row | moves(shifts)) if shifts else (_INSERT, row)
    made = session.execute(*asked).one_or_none()
    if made is not None:
        return _as_read(session, made._asdict()), True
    found = by_key(session, row["key"])
    if found is None:
        raise LookupError(f"the message {row['key']} vanished while it was composed")
    return found, False


def by_key(session: Session, key: str) -> Message | None:
    """The message of an intent, if it was composed before."""
    return session.scalars(select(Message).where(Message.key == key)).one_or_none()


def as_message(row: dict[str, Any]) -> Message:
    """A message as it stands in a row. Setting its attributes one by one would note each of them as
    changed."""
    message = Message()
    instance_dict(message).update(row)
    return message


def _as_read(session: Session, row: dict[str, Any]) -> Message:
    """The message of a row that was just written. Inserting an object takes twice as long."""
    message = as_message(row)
    make_transient_to_detached(message)
    session.add(message)
    return message


# Put together once: every message is written by them. What is not named here the database fills in.
_TABLE = table_of(Message)
_NAMED = (
    *("shop_id", "key", "kind", "message_class", "channel", "fallback", "locale", "journey"),
    *("step", "run_id", "order_id", "customer_id", "recipient", "subject_ids", "state", "lane"),
    *("attempts", "due_at", "max_lateness_s", "counts_opens", "counts_clicks"),
)
_INSERT = (
    insert(_TABLE)
    .values({name: bindparam(name, type_=_TABLE.c[name].type) for name in _NAMED})
    .on_conflict_do_nothing(index_elements=["shop_id", "key"])
    .returning(_TABLE)
)
_MADE = _INSERT.cte("made")
_INSERT_MOVED = select(_MADE).add_cte(moving(_MADE).cte("moved"))
