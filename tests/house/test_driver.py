"""What stands between a transaction and the server: one round trip to begin, and no dead lines."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, InternalError, OperationalError

from app.core import driver
from app.core.clock import now
from app.core.db import dispatching, unit_of_work
from app.core.runtime import runtime
from tests import make
from tests.processes import wait

OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = 'okaeri_app'"
)
LEFT = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = 'okaeri_app'"
)
ROLE = text("SELECT current_user, current_setting('okaeri.shop_id', true)")


def hang_up(owner: Engine) -> None:
    """The server closes every line of the app's."""
    # What it shows of its lines stays the same all through a transaction.
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.execute(OTHERS).scalar_one() > 0
        wait(lambda: connection.scalar(LEFT) == 0 or None, "the lines to be closed")


def test_a_transaction_begins_bound_and_ends_unbound(shop: make.MadeShop) -> None:
    with unit_of_work(shop.id) as session:
        assert session.execute(ROLE).one() == ("okaeri_app", str(shop.id))
        assert now(session) < session.scalar(text("SELECT okaeri_now()"))
    with dispatching() as session:
        assert session.execute(ROLE).one() == ("okaeri_dispatch", "")
    with runtime().engine.connect() as connection:
        assert connection.execute(ROLE).one() == ("okaeri_app", "")


def test_what_only_reads_changes_nothing(shop: make.MadeShop) -> None:
    with (
        pytest.raises(InternalError, match="read-only"),
        unit_of_work(shop.id, only_reads=True) as session,
    ):
        session.execute(text("UPDATE shops SET name = 'x'"))


@pytest.mark.parametrize("long_idle", [0.0, driver.LONG_IDLE_S])
def test_lines_that_the_server_closed_are_given_to_nobody(
    long_idle: float, shop: make.MadeShop, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "LONG_IDLE_S", long_idle)
    with unit_of_work(shop.id), unit_of_work(shop.id):
        pass
    hang_up(owner)
    for _ in range(2):
        with unit_of_work(shop.id) as session:
            assert session.scalar(text("SELECT count(*) FROM shops")) == 1


def test_errors_are_those_that_the_house_expects(
    app: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    engine = runtime().engine
    with engine.connect() as connection, pytest.raises(DataError):
        driver.begin(connection, "SELECT 1 / 0")
    with engine.connect() as connection:
        hang_up(owner)
        with pytest.raises(OperationalError) as caught:
            driver.begin(connection, "SELECT 1")
        assert caught.value.connection_invalidated
    with unit_of_work(shop.id) as session:
        assert session.scalar(text("SELECT 1")) == 1
