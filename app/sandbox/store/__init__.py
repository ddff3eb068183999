"""The sandbox's memory: documents as JSONB in a PostgreSQL database of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from app.sandbox.store.schema import TABLES

Document = dict[str, Any]
#: Advisory locks: setting up, and one per shop (the second key is the domain's hash).
SETUP_LOCK, SHOP_LOCK = 7401, 7402


FIND = (
    "SELECT body FROM documents WHERE kind = :kind AND body @> CAST(:body AS jsonb)"
    " AND (CAST(:shop AS text) IS NULL OR shop = :shop)"
)


class Refused(Exception):
    """Shopify would not do this; the text is a sentence for the person at the page."""


class Work:
    """One transaction of the sandbox. `announced` is set by whoever queues a webhook."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection = connection
        self.announced = False
        self._now = now

    @cached_property
    def now(self) -> datetime:
        """Business time, the same all through the transaction."""
        return self._now()

    @property
    def stamp(self) -> str:
        """Business time as the documents write it: UTC, whole seconds, as at Shopify."""
        return iso(self.now)

    def new_id(self) -> int:
        """A number nothing in the sandbox has had before."""
        return int(self.connection.execute(text("SELECT nextval('ids')")).scalar_one())

    def get(self, kind: str, domain: str, key: str | int) -> Document | None:
        """The document, or None."""
        found: Document | None = self.connection.execute(
            text("SELECT body FROM documents WHERE kind = :kind AND shop = :shop AND key = :key"),
            {"kind": kind, "shop": domain, "key": str(key)},
        ).scalar_one_or_none()
        return found

    def need(self, kind: str, domain: str, key: str | int) -> Document:
        """The document; Refused when there is none."""
        found = self.get(kind, domain, key)
        if found is None:
            raise Refused(f"There is no {kind} {key} in {domain}.")
        return found

    def put(self, kind: str, domain: str, key: str | int, body: Document) -> Document:
        """Write the document whole."""
        self.connection.execute(
            text(
                "INSERT INTO documents (kind, shop, key, body) VALUES (:kind, :shop, :key, :body)"
                " ON CONFLICT (kind, shop, key) DO UPDATE SET body = excluded.body"
            ),
            {"kind": kind, "shop": domain, "key": str(key), "body": json.dumps(body)},
        )
        return body

    def drop(self, kind: str, domain: str, key: str | int) -> None:
        """Forget the document."""
        self.connection.execute(
            text("DELETE FROM documents WHERE kind = :kind AND shop = :shop AND key = :key"),
            {"kind": kind, "shop": domain, "key": str(key)},
        )

    def find(
        self,
        kind: str,
        domain: str | None = None,
        *,
        newest: bool = False,
        limit: int | None = None,
        **where: Any,
    ) -> list[Document]:
        """Documents that contain `where`, oldest first unless asked otherwise."""
        rows = self.connection.execute(
            text(f"{FIND} ORDER BY seq {'DESC' if newest else 'ASC'} LIMIT :rows"),
            {"kind": kind, "shop": domain, "body": json.dumps(where), "rows": limit},
        )
        return list(rows.scalars())

    def one(self, kind: str, domain: str | None = None, **where: Any) -> Document | None:
        """The newest document that contains `where`."""
        return next(iter(self.find(kind, domain, newest=True, limit=1, **where)), None)


class Store:
    """The database; made with its tables when it does not exist yet."""

    def __init__(self, url: str) -> None:
        _create(url)
        self.engine = _engine(url, pool_size=12, max_overflow=20)
        with self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SETUP_LOCK})
            for statement in TABLES:
                connection.execute(text(statement))

    @contextmanager
    def work(self, domain: str | None, now: Callable[[], datetime]) -> Iterator[Work]:
        """One transaction."""
        with self.engine.begin() as connection:
            if domain:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock, hashtext(:shop))"),
                    {"lock": SHOP_LOCK, "shop": domain},
                )
            yield Work(connection, now)


def _engine(url: str, **options: Any) -> Engine:
    connect = {"options": "-c timezone=UTC"}
    return create_engine(url, pool_pre_ping=True, connect_args=connect, **options)


def _create(url: str) -> None:
    target = make_url(url)
    engine = create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": SETUP_LOCK})
        known = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": target.database}
        ).scalar_one_or_none()
        if known is None:
            connection.execute(text(f'CREATE DATABASE "{target.database}"'))
    engine.dispose()


def iso(moment: datetime) -> str:
    """A moment as the documents write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(stamp: str) -> datetime:
    """A document's time as a moment."""
    return datetime.fromisoformat(stamp)
