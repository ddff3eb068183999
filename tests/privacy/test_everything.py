"""Every table that may know something of a person forgets it and hands it out.

The rows are made from the models: a word is written into every column of text and JSON of every
table that is tied to a person, by them, their order, parcel or message. Whoever adds such a table
or column either has it erased and exported or says here why not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import Base
from app.core.secrets import seal
from app.mirror.model import Customer
from app.privacy import service
from tests import make
from tests.make import MadeShop
from tests.privacy.test_privacy import rows_with

WORD = "ひみつ"
#: What ties a row to a person.
TIES = {"customer_id", "order_id", "fulfillment_id", "parcel_id", "message_id", "checkout_token"}
#: Tables whose one row an ordinary order has made, and by which name it is known.
WRITTEN = {"customers": "customer_id", "orders": "order_id"}
#: What stands on a shape of its own; "x" is what short words say.
SHAPED: dict[str, Any] = {
    "address_cases.wanted": {"to": f"{WORD} address_cases.wanted "},
    "experiments.arms": [{"key": "x", "share": 100}],
}
#: Kept after erasure, and why.
KEPT = {
    "address_cases.problems": "codes of what was odd",
    "delivery_events.event_id": "the provider's number",
    "fulfillments.lines": "numbers of lines",
    "journey_runs.error": "an exception's name",
    "journey_runs.subject": "numbers",
    "journey_runs.subject_ids": "numbers",
    "message_signals.error": "an exception's name",
    "messages.fallback": "names of channels",
    "messages.key": "numbers",
    "messages.subject_ids": "numbers",
    "parcel_cases.closed_by": "a member of staff",
    "parcel_watches.error": "an exception's name",
    "consent_records.evidence": "the proof the law asks for names a number only (decision 0011)",
    "journal_entries.data": "events carry numbers and codes, never what somebody wrote",
    "fulfillments.company": "the carrier",
    "insert_packings.card_name": "which of the shop's cards lay in the box",
    "insert_tags.said": "the names of the shop's cards and extras",
    "insert_tags.wanted": "the names of the shop's cards and extras",
    "journey_runs.steps": "moments and outcomes of steps",
    "offer_decisions.details": "prices and stock",
    "offer_decisions.offer_name": "the merchant's name for an offer",
    "offer_grants.terms": "a product and its price",
    "order_lines.plan_name": "the shop's books",
    "order_lines.title": "the shop's books",
    "order_lines.variant_title": "the shop's books",
    "order_lines.sku": "the shop's books",
    "orders.discount_codes": "the shop's books",
    "reorders.screen": "what the law wants kept of an order: products and prices (TK-6)",
}
#: Not handed out, and why.
SILENT = {
    "journey_runs.subject_ids": "numbers",
    "messages.subject_ids": "numbers",
    "channel_addresses.address_sealed": "handed out unsealed",
    "consent_holds.error": "an exception's name",
    "delivery_events.event_id": "the provider's number",
    "fulfillments.lines": "numbers of lines",
    "insert_packings.card_name": "the shop's own",
    "insert_tags.said": "the names of the shop's cards and extras",
    "insert_tags.wanted": "the names of the shop's cards and extras",
    "journal_entries.data": "numbers and codes; each room hands out what they stand for",
    "journey_mutes.muted_by": "a member of staff",
    "journey_runs.error": "an exception's name",
    "journey_runs.subject": "numbers",
    "journey_tasks.closed_by": "a member of staff",
    "line_questions.reply_token": "LINE's word for one answer",
    "line_questions.user_sealed": "handed out as the linked address",
    "message_contents.headers": "addresses and the subject, both handed out",
    "message_contents.html": "the same words as the plain text",
    "message_contents.payload": "the same words as the plain text",
    "message_signals.error": "an exception's name",
    "messages.error": "the reason stands beside it",
    "messages.fallback": "names of channels",
    "messages.key": "numbers",
    "offer_decisions.details": "how the shop's own rules decided",
    "offer_decisions.offer_name": "the merchant's name for an offer",
    "parcel_cases.closed_by": "a member of staff",
    "parcel_watches.error": "an exception's name",
    "surprise_wins.discount": "Shopify's number of the code that is handed out",
}


def test_every_table_forgets_a_person_and_hands_out_what_it_knows(
    app: Flask, shop: MadeShop, owner: Engine
) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        order = make.order(session, buyer=buyer, checkout_token="token")
        known: dict[str, Any] = {
            "shop_id": shop.id,
            "customer_id": buyer.id,
            "order_id": order.id,
            "checkout_token": "token",
            # An offer with one was really made.
            "deadline": datetime(2026, 6, 1, tzinfo=UTC),
        }
    Filler(owner, known).fill()
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, known["customer_id"]))
        told = json.dumps(service.export(session, customer), ensure_ascii=False, default=str)
        unheard = {mark for mark in marks() if f"{WORD} {mark} " not in told}
        service.erase(session, customer)
    left = {
        found.partition(f": {WORD} ")[2]
        for found in rows_with(owner, tuple(f"{WORD} {mark} " for mark in marks()))
    }
    assert {one.strip() for one in left} - set(KEPT) == set()
    assert unheard - set(SILENT) == set()


def tied() -> Iterator[Table]:
    """The tables that may know something of a person, parents first."""
    for table in Base.metadata.sorted_tables:
        if table.name in WRITTEN or TIES & set(table.columns.keys()):
            yield table


def free(table: Table) -> Iterator[Column[Any]]:
    """The columns that hold words: text of any length but the short codes, and JSON."""
    for column in table.columns:
        short = isinstance(column.type, String) and (column.type.length or 999) < 80
        if column.name in TIES or short or column.computed is not None:
            continue
        if isinstance(column.type, String | JSONB | LargeBinary):
            yield column


def marks() -> list[str]:
    return [f"{table.name}.{column.name}" for table in tied() for column in free(table)]


class Filler:
    """Writes a row into every table that is tied to a person."""

    def __init__(self, owner: Engine, known: dict[str, Any]) -> None:
        self.owner, self.known = owner, known

    def fill(self) -> None:
        with self.owner.begin() as self.connection:
            tables = {table.name: table for table in tied()}
            # What others name comes first.
            for name in dict.fromkeys(("fulfillments", "parcels", "messages", *tables)):
                if name in WRITTEN:
                    self.mark(tables[name], self.known[WRITTEN[name]])
                else:
                    self.known.setdefault(f"{name.removesuffix('s')}_id", self.row(tables[name]))

    def mark(self, table: Table, number: int) -> None:
        """Write into the row that is there already."""
        values = {column.name: self.value(column) for column in free(table)}
        self.connection.execute(update(table).where(table.c.id == number).values(values))

    def row(self, table: Table) -> int:
        values = {column.name: self.value(column) for column in table.columns}
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                values |= self.parents(constraint)
        written = {name: value for name, value in values.items() if value is not None}
        statement = insert(table).values(written).returning(table.c.id)
        return int(self.connection.execute(statement).scalar_one())

    def parents(self, constraint: ForeignKeyConstraint) -> dict[str, Any]:
        """What a row must stand on and nobody has made yet."""
        found = {}
        for element in constraint.elements:
            parent, name = element.column.table, element.parent.name
            needed = name != "shop_id" and name not in self.known and not element.parent.nullable
            if needed and element.column.name == "id":
                one = select(parent.c.id).limit(1)
                kept = self.connection.execute(one).scalar_one_or_none()
                found[name] = kept or self.row(parent)
        return found

    def value(self, column: Column[Any]) -> Any:
        if column.identity is not None or column.computed is not None:
            return None
        if column.name in self.known:
            return self.known[column.name]
        if (shaped := SHAPED.get(f"{column.table.name}.{column.name}")) is not None:
            return shaped
        mark = f"{WORD} {column.table.name}.{column.name} "
        marked = column in list(free(column.table))
        if isinstance(column.type, String) and column.name.endswith("_sealed"):
            return seal("x")
        kinds: list[tuple[Any, Any]] = [
            (JSONB, {"word": mark} if marked else {}),
            (LargeBinary, mark.encode()),
            (String, mark if marked else "x"),
            (Boolean, False),
            (DateTime, None if column.nullable else datetime(2026, 6, 1, tzinfo=UTC)),
            (Date, date(2026, 6, 1)),
            (Float, 1.0),
            (ARRAY, []),
            (Integer, None if column.nullable else 1),
        ]
        return next((value for kind, value in kinds if isinstance(column.type, kind)), None)
