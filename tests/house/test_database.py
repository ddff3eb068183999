"""The database holds the house's promises itself: model and migrations agree, and no shop's row is
ever another's."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app.core.clock import now
from app.core.db import Base, dispatching, unit_of_work
from app.core.runtime import runtime
from app.journal.model import JournalEntry
from migrations.metadata import load
from tests.make import MadeShop

#: Tables that belong to the host or to all shops, each with its reason.
NO_TENANT = {
    "clock": "one row for everyone",
    "tenants": "says which domain is which shop, and nothing else",
    "stray_webhooks": "of shops that we do not know",
    "channel_rests": "servers and providers that do not answer, whoever sends by them",
}


def tables() -> list[str]:
    return sorted(set(load().tables) - set(NO_TENANT))


def test_model_and_migrations_agree(owner: Engine) -> None:
    with owner.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), load())
    assert difference == []


@pytest.mark.parametrize("name", tables())
def test_a_tenants_table_leads_with_the_shop(name: str) -> None:
    table = Base.metadata.tables[name]
    assert next(iter(table.primary_key.columns)).name == "shop_id"
    for constraint in table.constraints:
        columns = [column.name for column in getattr(constraint, "columns", [])]
        if constraint.__class__.__name__ in {"UniqueConstraint", "ForeignKeyConstraint"}:
            assert columns[0] == "shop_id", constraint


@pytest.mark.parametrize("name", tables())
def test_reading_without_a_shop_is_an_error(app: Flask, name: str) -> None:
    with runtime().engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"SELECT * FROM {name}"))


@pytest.mark.parametrize("name", tables())
def test_every_tenants_table_has_its_policy(owner: Engine, name: str) -> None:
    with owner.connect() as connection:
        secured, policies = connection.execute(
            text(
                "SELECT relrowsecurity, (SELECT count(*) FROM pg_policies WHERE tablename = :t "
                "AND 'okaeri_app' = ANY(roles)) FROM pg_class WHERE oid = CAST(:t AS regclass)"
            ),
            {"t": name},
        ).one()
    assert secured
    assert policies == 1


def test_another_shops_rows_do_not_exist_even_for_raw_sql(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    with shop.work() as session:
        session.add(JournalEntry(shop_id=shop.id, kind="X", occurred_at=now(session), data={}))
    with other_shop.work() as session:
        assert session.execute(text("SELECT count(*) FROM journal_entries")).scalar_one() == 0
        session.execute(text("UPDATE journal_entries SET kind = 'Y'"))
        session.execute(text("DELETE FROM journal_entries"))
    with shop.work() as session:
        assert session.execute(text("SELECT kind FROM journal_entries")).scalars().all() == ["X"]


def test_a_row_cannot_be_written_for_another_shop(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    with pytest.raises(ProgrammingError), unit_of_work(other_shop.id) as session:
        session.add(JournalEntry(shop_id=shop.id, kind="X", occurred_at=now(session), data={}))


def test_the_dispatcher_sees_queue_columns_alone(app: Flask, shop: MadeShop) -> None:
    with dispatching() as session:
        session.execute(text("SELECT shop_id, id, due_at FROM messages"))
    for forbidden in ("SELECT recipient FROM messages", "SELECT * FROM orders"):
        with pytest.raises(ProgrammingError), dispatching() as session:
            session.execute(text(forbidden))


def test_the_app_cannot_move_the_clock(app: Flask) -> None:
    with runtime().engine.connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text("UPDATE clock SET shift = interval '1 day'"))
