"""The one clock.

Business time (what is due, deadlines, link expiry, dates in text) is the database's clock plus a
shift that is zero in production and that the sandbox's time machine moves. Machine time (leases,
backoff, rate limits, tokens, signatures) is never shifted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base


class Clock(Base):
    """A single row: how far business time runs ahead of the machine's."""

    __tablename__ = "clock"
    one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    shift: Mapped[timedelta]


def now(session: Session) -> datetime:
    """Business time, aware UTC; the same all through one unit of work."""
    found: datetime = session.info["now"]
    return found


def machine_now() -> datetime:
    """The machine's time, aware UTC; for tokens, signatures and logs only."""
    return datetime.now(UTC)


def business_now(engine: Engine) -> datetime:
    """Business time outside a unit of work (the time machine, commands)."""
    with engine.connect() as connection:
        found: datetime = connection.execute(text("SELECT okaeri_now()")).scalar_one()
    return found.astimezone(UTC)


def shift_to(owner: Engine, moment: datetime) -> None:
    """Move business time to `moment`. Needs the owner's role: the app itself cannot do it."""
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE clock SET shift = :moment - clock_timestamp()"), {"moment": moment}
        )


def next_due(owner: Engine) -> datetime | None:
    """The earliest moment, now or later, at which a durable row falls due; None when none will."""
    with owner.connect() as connection:
        found: datetime | None = connection.execute(text("SELECT okaeri_next_due()")).scalar_one()
    return found and found.astimezone(UTC)


def unfinished(owner: Engine) -> int:
    """How many durable rows are due by now and not yet dealt with. Rows that wait for a retry
    are left out: they are late, not busy."""
    with owner.connect() as connection:
        found: int = connection.execute(text("SELECT okaeri_unfinished()")).scalar_one()
    return found
