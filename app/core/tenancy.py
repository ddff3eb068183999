"""Which shop is which: the only table that is read before a shop is bound."""

from __future__ import annotations

from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Engine, Identity, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.runtime import runtime


class Tenant(Base):
    """A shop's domain and its number here; holds nothing else, since everyone may read it."""

    __tablename__ = "tenants"
    shop_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    domain: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


#: The numbers that a process has looked up: a domain keeps its number for good, so that this is
#: no cache that could be wrong.
_numbers: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


def find_shop(domain: str, *, engine: Engine | None = None) -> int | None:
    """The shop's number, or None for a domain that never installed the app."""
    database = engine or runtime().engine
    known = _numbers.setdefault(database, {})
    if domain not in known:
        with database.connect() as connection:
            found = connection.execute(
                select(Tenant.shop_id).where(Tenant.domain == domain)
            ).scalar_one_or_none()
        if found is None:
            return None
        known[domain] = found
    return known[domain]


def every_shop(*, engine: Engine | None = None) -> list[int]:
    """The numbers of all shops that ever came, for rounds that visit each in turn."""
    with (engine or runtime().engine).connect() as connection:
        return list(connection.scalars(select(Tenant.shop_id).order_by(Tenant.shop_id)))


def add_shop(domain: str, *, engine: Engine | None = None) -> int:
    """The shop's number, made when the domain is new. Committed at once: a number binds nothing."""
    known = find_shop(domain, engine=engine)
    if known is not None:
        return known
    with (engine or runtime().engine).begin() as connection:
        connection.execute(
            insert(Tenant).values(domain=domain).on_conflict_do_nothing(index_elements=["domain"])
        )
        return connection.execute(
            select(Tenant.shop_id).where(Tenant.domain == domain)
        ).scalar_one()
