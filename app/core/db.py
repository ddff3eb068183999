"""The database: table base classes and the unit of work.

A unit of work is one transaction with one shop bound. It is opened at the edge (doors, jobs,
commands) and committed there; services never commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    MetaData,
    Table,
    create_engine,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column

from app.core import driver
from app.core.keeping import Kept
from app.core.runtime import runtime

if TYPE_CHECKING:
    from app.core.queue import Gathered

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
    }


def table_of(model: type[Base]) -> Table:
    """A model's table, for statements that need no objects."""
    return cast(Table, model.__table__)


class ShopRow:
    """A tenant's row: `shop_id` leads the primary key, so that tables can be spread by shop."""

    @declared_attr
    def shop_id(cls) -> Mapped[int]:
        return mapped_column(
            BigInteger,
            ForeignKey("tenants.shop_id", ondelete="CASCADE"),
            primary_key=True,
            sort_order=-2,
        )

    @declared_attr
    def id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, Identity(always=True), primary_key=True, sort_order=-1)


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for `postgresql+psycopg://` URLs that answers in UTC."""
    made = create_engine(
        url,
        # A failed statement's message ends up in logs and on rows; its values are people's data.
        hide_parameters=True,
        json_deserializer=driver.from_json,
        # Shopify waits five seconds for a webhook's answer; "come again" must be said before.
        connect_args={
            "options": "-c timezone=UTC",
            "connect_timeout": 3,
            "cursor_factory": driver.Cursor,
        },
        **{"pool_size": 8, "max_overflow": 16, **options},
    )
    return driver.look_after(made)


@contextmanager
def unit_of_work(
    shop_id: int,
    *,
    engine: Engine | None = None,
    keeping: Kept | None = None,
    gathering: Gathered | None = None,
    only_reads: bool = False,
    stamp: str = "NULL",
) -> Iterator[Session]:
    """One transaction with `shop_id` bound; commits at the end, rolls back on any exception. With
    `only_reads` the database refuses every change. What the expression `stamp` says is read on the
    way and stands in `session.info`.

    `session.info` carries `shop_id`, `now` (business time of this transaction) and the bells to
    ring after the commit. A batch hands in `keeping`, what it asks a shop once, and `gathering`,
    what it rings for together.
    """
    session = _session(engine)
    if keeping is not None:
        session.info["kept"] = keeping.shelf(shop_id)
    session.info["gathered"] = gathering
    with _finishing(session):
        bind_shop(session, shop_id, only_reads=only_reads, stamp=stamp)
        yield session


def bind_shop(
    session: Session, shop_id: int, *, only_reads: bool = False, stamp: str = "NULL"
) -> None:
    """Begin a transaction with a shop bound; row-level security reads it from there.

    `SET LOCAL` lasts as long, and answers nothing that would have to be read.
    """
    moment, said = driver.begin(
        session.connection(),
        f"SET LOCAL okaeri.shop_id = '{int(shop_id)}'; SELECT okaeri_now(), {stamp}",
        only_reads=only_reads,
    )
    session.info.update(
        shop_id=shop_id, now=datetime.fromisoformat(str(moment)).astimezone(UTC), stamp=said
    )


@contextmanager
def network_apart(session: Session) -> Iterator[None]:
    """Talk to somebody else's network with no transaction open: what was done so far is committed,
    and afterwards the unit of work goes on, in a transaction of its own, which only reads if the
    one before did. For views that a person waits in front of; what can wait is an errand."""
    only_reads = session.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
    session.commit()
    try:
        yield
    finally:
        bind_shop(session, session.info["shop_id"], only_reads=only_reads)


@contextmanager
def dispatching(*, engine: Engine | None = None) -> Iterator[Session]:
    """One transaction in the queue's role: sees the queue columns of every shop, nothing else."""
    session = _session(engine)
    with _finishing(session):
        driver.begin(session.connection(), "SET LOCAL ROLE okaeri_dispatch")
        yield session


def _session(engine: Engine | None) -> Session:
    return Session(engine or runtime().engine, expire_on_commit=False)


@contextmanager
def _finishing(session: Session) -> Iterator[None]:
    # Late import: the queue needs the session's type, the session only the queue's verb.
    from app.core.queue import ring_out

    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    ring_out(session)
