"""Who is to read something, as their word stands now: columns that other rooms' statements carry,
so that what a person said costs nobody a question of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    String,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from app.consent import rules
from app.consent.model import (
    NOT_RECEIVED,
    ChannelAddress,
    ConsentRecord,
    Hold,
    Suppression,
)
from app.core.secrets import unseal

#: The states of a hold that is not over.
OPEN = ("scheduled", "claimed")
_OPEN: ColumnElement[Any] = array([literal_column(f"'{state}'") for state in OPEN])


@dataclass(frozen=True)
class Reader:
    """`words` are what a person last said of each (channel, topic), `addresses` where they are
    reached beside e-mail, `kept_from` the scopes that a (channel, address) is kept from, `held`
    says that what sells has to wait for them or for their order, and `missing` that something of
    the order did not arrive."""

    words: Mapping[tuple[str, str], rules.Word]
    addresses: dict[str, str]
    kept_from: Mapping[tuple[str, str], frozenset[str]]
    held: bool
    missing: bool


class Columns(NamedTuple):
    """One row's answer, as PostgreSQL puts it together."""

    said: list[Any] | None
    linked: dict[str, str] | None
    mail: str | None
    kept_from: list[str] | None
    held: bool
    missing: bool


def columns(
    shop_id: Any, customer_id: Any, order_id: Any, mail: Any
) -> tuple[ColumnElement[Any], ...]:
    """The columns of `Columns`, for a statement that knows these (any may be NULL) and is asked
    with the `moment` (business time) at which it is asked."""
    hashed = func.sha256(
        func.convert_to(func.concat(shop_id, "|email|", func.lower(mail.collate("C"))), "UTF8")
    )
    said = func.jsonb_build_array(
        ConsentRecord.channel,
        ConsentRecord.topic,
        ConsentRecord.granted,
        ConsentRecord.occurred_at,
    )
    lasting = (
        # A list in words: one of parameters is put together anew every time.
        Hold.state == any_(_OPEN),
        or_(Hold.due_at.is_(None), Hold.due_at > bindparam("moment")),
    )
    in_order = aggregate_order_by(said, ConsentRecord.occurred_at, ConsentRecord.id)
    return (
        select(func.jsonb_agg(in_order))
        .where(ConsentRecord.customer_id == customer_id)
        .scalar_subquery(),
        select(func.jsonb_object_agg(ChannelAddress.channel, ChannelAddress.address_sealed))
        .where(ChannelAddress.customer_id == customer_id)
        .scalar_subquery(),
        mail,
        select(func.array_agg(Suppression.scope))
        .where(
            Suppression.channel == "email",
            Suppression.address_hash == func.encode(hashed, "hex", type_=String),
        )
        .scalar_subquery(),
        exists().where(or_(Hold.customer_id == customer_id, Hold.order_id == order_id), *lasting),
        exists().where(Hold.order_id == order_id, Hold.reason == NOT_RECEIVED, *lasting),
    )


def reader(found: Columns) -> Reader:
    """What the columns of one row say."""
    kept_from = {}
    # PostgreSQL folds letters as `normal_address` does where they are ASCII; of what is written
    # otherwise nothing is claimed, and whoever wants to know asks `kept_from`.
    if found.mail and found.mail.isascii() and found.mail == found.mail.strip():
        mail = "email", rules.normal_address("email", found.mail)
        kept_from[mail] = frozenset(found.kept_from or ())
    return Reader(
        # The ledger's order: of the same channel and topic the newest word stays.
        words={
            (channel, topic): rules.Word(granted, datetime.fromisoformat(occurred_at))
            for channel, topic, granted, occurred_at in found.said or ()
        },
        addresses={name: unseal(sealed) for name, sealed in (found.linked or {}).items()},
        kept_from=kept_from,
        held=found.held,
        missing=found.missing,
    )
