"""The ground under every test: real engines, one migrated database a worker, clean tables a test.

The engines start once a run, in the controlling process; `pytest -n` workers each get a database
and a Redis number of their own. Tests commit for real, as the product does, and the tables are
emptied afterwards.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from redis import Redis
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from app import create_app
from app.channels.memory import MemoryChannel
from app.core import engines
from app.core.db import Base
from app.core.migrate import app_url, migrate
from app.core.runtime import Runtime
from app.core.settings import Settings
from tests import make

# How long an example takes says more about the machine's other work than about ours.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

OWNER, REDIS = "OKAERI_TEST_OWNER_URL", "OKAERI_TEST_REDIS_URL"
_folder: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the engines in the controlling process; workers inherit where they are."""
    if OWNER in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="okaeri-test-"))
    _folder.append(folder)
    started = engines.start(folder, durable=False, say=lambda _line: None)
    os.environ[OWNER], os.environ[REDIS] = started.owner_url, started.redis_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    while _folder:
        folder = _folder.pop()
        engines.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ[OWNER], os.environ[REDIS]


@pytest.fixture(scope="session")
def owner_url(worker_id: str) -> Iterator[str]:
    """The owner's URL of this worker's own, freshly migrated database."""
    name = f"okaeri_test_{worker_id}"
    # Without a pool: a line that is closed gives its lock back.
    base = create_engine(os.environ[OWNER], isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with base.connect() as connection:
        # Migrations make roles, which all databases share: who comes first migrates for everybody.
        connection.execute(text("SELECT pg_advisory_lock(1)"))
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'okaeri_model'")):
            connection.execute(text("CREATE DATABASE okaeri_model"))
            migrate(_database("okaeri_model"))
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE okaeri_model"))
    yield _database(name)
    with base.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    base.dispose()


def _database(name: str) -> str:
    return make_url(os.environ[OWNER]).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """This worker's own Redis number."""
    number = int(worker_id[2:]) + 1 if worker_id.startswith("gw") else 0
    return os.environ[REDIS].replace("db=0", f"db={number}")


@pytest.fixture(scope="session")
def host(owner_url: str, redis_url: str) -> Settings:
    """Settings of a host, with Shopify at an address where nobody answers."""
    return Settings(
        database_url=app_url(owner_url),
        database_owner_url=owner_url,
        redis_url=redis_url,
        app_url="https://okaeri.test",
        secret_keys=("test-signing-key",),
        encryption_keys=(Fernet.generate_key().decode(),),
        shopify_client_id="0123456789abcdef0123456789abcdef",
        shopify_client_secret="hush-hush-hush-hush-hush-hush-hush",
        shopify_api_url="http://127.0.0.1:9/{shop}",
        mail_from="Okaeri <no-reply@okaeri.test>",
        log_level="ERROR",
    )


@pytest.fixture(scope="session")
def settings(host: Settings) -> Settings:
    """The host's settings, as a room's tests may change them."""
    return host


@pytest.fixture(scope="session")
def owner(owner_url: str) -> Iterator[Engine]:
    """The owner's engine: for what only the host may do (moving the clock, looking everywhere)."""
    engine = create_engine(owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def mailbox() -> MemoryChannel:
    """Where the mails of this test land."""
    return MemoryChannel()


class _OpenLine(httpx.Client):
    """Stays open when a command that a test ran says goodbye: the next test goes on with it."""

    def close(self) -> None:
        """The worker's end closes it."""


@pytest.fixture(scope="session")
def built(host: Settings) -> Iterator[Flask]:
    """The app of this worker, built once as each of the host's processes builds it: what it
    compiles (templates, statements) is compiled once, and its connections stay open."""
    line = _OpenLine(timeout=10.0)
    made = create_app(host, http=line)
    yield made
    made.extensions["okaeri"].close()
    httpx.Client.close(line)


@pytest.fixture
def app(built: Flask, settings: Settings, owner: Engine, mailbox: MemoryChannel) -> Iterator[Flask]:
    """The whole app with its context pushed; afterwards every table and the queue are empty, and
    whatever a test hung on the app is gone."""
    kept = dict(built.extensions)
    running: Runtime = kept["okaeri"]
    # A face of the engine, with its lines and its statements: what a process knows by its engine
    # (the numbers of shops) it learns anew.
    built.extensions["okaeri"] = replace(
        running,
        settings=settings,
        engine=running.engine.execution_options(),
        channels={"email": mailbox},
    )
    with built.app_context():
        yield built
    built.extensions.clear()
    built.extensions.update(kept)
    _empty(owner)
    redis = Redis.from_url(settings.redis_url)
    redis.flushdb()
    redis.close()


def _empty(owner: Engine) -> None:
    """Delete every row and begin all numbers anew. Truncating a hundred tables that are empty takes
    longer than most tests: only tables whose numbers were drawn from hold rows, and the few that
    draw none. The order of foreign keys does not matter when everything goes."""
    with owner.begin() as connection:
        drawn = connection.execute(DRAWN).all()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in {row.table_name for row in drawn} | _unnumbered():
            connection.execute(text(f"DELETE FROM {table}"))
        for row in drawn:
            connection.execute(
                text("SELECT setval(CAST(:name AS regclass), 1, false)"), {"name": row.sequence}
            )
        connection.execute(text("UPDATE clock SET shift = interval '0'"))


#: Tables whose identity has been drawn from since it began, with its sequence.
DRAWN = text(
    """
    SELECT t.relname AS table_name, s.relname AS sequence
    FROM pg_class s
    JOIN pg_depend d ON d.objid = s.oid AND d.deptype = 'i' AND d.classid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_sequences q ON q.sequencename = s.relname AND q.schemaname = 'public'
    WHERE s.relkind = 'S' AND q.last_value IS NOT NULL
    """
)


def _unnumbered() -> set[str]:
    """Tables without an identity of their own."""
    return {
        name
        for name, table in Base.metadata.tables.items()
        if name != "clock" and not any(column.identity for column in table.columns)
    }


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def shop(app: Flask) -> make.MadeShop:
    """An installed Japanese shop with its settings filled in."""
    return make.shop()


@pytest.fixture
def other_shop(app: Flask) -> make.MadeShop:
    """A second installed shop, English: whose rows nobody else may see."""
    return make.shop("maple-goods.myshopify.com", locale="en", currency="USD")
