"""Durable rows that fall due, and how workers share them.

A webhook, a journal delivery, a journey run and a message are rows of their rooms' tables with the
same queue columns. A worker claims a batch by conditional UPDATE (losers see no rows), then works
on each row in a unit of work of that row's shop, fenced by the claim's token.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.clock import machine_now
from app.core.db import dispatching, unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.keeping import Kept

log = structlog.get_logger(__name__)

#: How many rows are claimed at a time, and how long a job goes on claiming. Several bells share a
#: queue: what one of them leaves is rung for again, behind the others.
BATCH = 20
BATCH_SECONDS = 2.0
MAX_ATTEMPTS = 5
LONGEST_BACKOFF_S = 4 * 3600.0


class Claimable:
    """The queue columns. `due_at` is business time, NULL while the row waits for an event;
    `retry_at` and `lease_until` are machine time and never shifted."""

    state: Mapped[str] = mapped_column(String(16), default="scheduled")
    due_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    claim_token: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    #: Which kind of worker takes the row; rooms with one lane leave it as it is.
    lane: Mapped[str] = mapped_column(String(16), default="default")


def queue_indexes(table: str) -> tuple[Index, Index]:
    """The two partial indexes of a claimable table: what falls due, and whose lease may end."""
    return (
        Index(f"ix_{table}_due", "lane", "due_at", postgresql_where=text("state = 'scheduled'")),
        Index(f"ix_{table}_lease", "lease_until", postgresql_where=text("state = 'claimed'")),
    )


class QueueTable(Protocol):
    """A mapped class with the queue columns."""

    __tablename__: str


@dataclass(frozen=True)
class Claim:
    """One row that is ours until the lease ends."""

    shop_id: int
    id: int
    token: uuid.UUID


#: What a claim may take: due by the database's clock and not waiting for another try.
_DUE = (
    "state = 'scheduled' AND lane = :lane AND due_at <= okaeri_now() "
    "AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
)
_EARLIEST = "SELECT shop_id, id FROM {name} WHERE {due} ORDER BY due_at LIMIT :limit"
#: Shops take turns: everybody's earliest first, then everybody's second, ….
_TURNS = """
    SELECT shop_id, id FROM {name} JOIN (
        SELECT mine.shop_id, mine.id, mine.due_at, mine.turn
        FROM tenants CROSS JOIN LATERAL (
            SELECT shop_id, id, due_at, row_number() OVER (ORDER BY due_at) AS turn
            FROM {name} WHERE shop_id = tenants.shop_id AND {due}
            ORDER BY due_at LIMIT :limit) AS mine
        ORDER BY mine.turn, mine.due_at LIMIT :limit) AS turns USING (shop_id, id)
    WHERE state = 'scheduled'
"""


def claim(
    table: QueueTable,
    *,
    lane: str = "default",
    limit: int = BATCH,
    lease_s: int = 300,
    fair: bool = False,
) -> list[Claim]:
    """Claim up to `limit` due rows, earliest first, and commit. With `fair`, shops take turns once
    one of them fills more than half of a claim: its flood delays nobody else. (The table then
    needs an index that begins with the shop.)"""
    token = uuid.uuid4()
    name = table.__tablename__
    with dispatching() as session:
        flooded = fair and _flooded(session, name, lane, limit)
        # The table's name is a constant of our own code, everything else is bound.
        picked = (_TURNS if flooded else _EARLIEST).format(name=name, due=_DUE)
        rows = session.execute(
            text(
                f"""
                WITH picked AS ({picked} FOR UPDATE OF {name} SKIP LOCKED)
                UPDATE {name} AS t
                SET state = 'claimed', claim_token = :token, attempts = attempts + 1,
                    lease_until = clock_timestamp() + make_interval(secs => :lease)
                FROM picked WHERE t.shop_id = picked.shop_id AND t.id = picked.id
                RETURNING t.shop_id, t.id, t.due_at
                """  # noqa: S608
            ),
            {"lane": lane, "limit": limit, "token": token, "lease": lease_s},
        ).all()
    return [
        Claim(row.shop_id, row.id, token) for row in sorted(rows, key=lambda r: (r.due_at, r.id))
    ]


def _flooded(session: Session, name: str, lane: str, limit: int) -> bool:
    """Whether one shop fills more than half of what would be claimed."""
    first = _EARLIEST.format(name=name, due=_DUE)
    shops = session.execute(text(first), {"lane": lane, "limit": limit}).scalars().all()
    return len(shops) == limit and max(Counter(shops).values()) > limit / 2


def sweep(table: QueueTable) -> int:
    """Give back rows whose worker died before doing anything with them. Returns how many."""
    name = table.__tablename__
    with dispatching() as session:
        rows = session.execute(
            text(
                f"UPDATE {name} SET state = 'scheduled', claim_token = NULL, lease_until = NULL "  # noqa: S608
                "WHERE state = 'claimed' AND lease_until < clock_timestamp() RETURNING id"
            )
        ).all()
    return len(rows)


_asking: ContextVar[Session | None] = ContextVar("asking", default=None)


@contextmanager
def asking() -> Iterator[None]:
    """While this lasts, `has_due` asks about all queues in one transaction."""
    with dispatching() as session:
        before = _asking.set(session)
        try:
            yield
        finally:
            _asking.reset(before)


def has_due(table: QueueTable, lane: str = "default") -> bool:
    """Whether a claim would find anything: the clock's cheap question before it rings."""
    session = _asking.get()
    if session is None:
        with asking():
            return has_due(table, lane)
    name = table.__tablename__
    found: bool = session.execute(
        text(
            f"SELECT EXISTS (SELECT 1 FROM {name} WHERE state = 'scheduled' AND lane = :lane "  # noqa: S608
            "AND due_at <= okaeri_now() "
            "AND (retry_at IS NULL OR retry_at <= clock_timestamp()))"
        ),
        {"lane": lane},
    ).scalar_one()
    return found


Handler = Callable[[Session, Any], None]


def drain(
    table: Any,
    handle: Handler,
    *,
    lane: str = "default",
    limit: int = BATCH,
    keeping: Kept | None = None,
) -> int:
    """Claim and handle batches until nothing is due or the batch time is over; returns the count.

    `handle(session, row)` runs in a unit of work of the row's shop. When it leaves the row's state
    at `claimed` the row becomes `done`. `TryLater` and unknown errors put it back with backoff,
    at most `MAX_ATTEMPTS` times; then, and after `GiveUp`, it is `failed` with the reason on it.
    With `keeping` the rows share what they ask a shop's merchant.
    """
    handled, until = 0, time.monotonic() + BATCH_SECONDS
    while time.monotonic() < until and (claims := claim(table, lane=lane, limit=limit)):
        for mine in claims:
            handle_claim(table, mine, handle, keeping)
        handled += len(claims)
    return handled


def handle_claim(table: Any, mine: Claim, handle: Handler, keeping: Kept | None = None) -> None:
    """Handle one claimed row; whatever goes wrong ends up on the row, never in a lost log line."""
    try:
        with unit_of_work(mine.shop_id, keeping=keeping) as session:
            row = claimed_row(session, table, mine)
            if row is None:
                return
            handle(session, row)
            if row.state == "claimed":
                row.state, row.error = "done", None
            row.lease_until = row.claim_token = None
    except GiveUp as error:
        _fail(table, mine, str(error))
    except TryLater as error:
        _put_back(table, mine, str(error), error.seconds)
    except Exception as error:  # the worker's edge: the row carries the reason on
        log.exception("row_failed", table=table.__tablename__, shop_id=mine.shop_id, id=mine.id)
        _put_back(table, mine, f"{type(error).__name__}: {error}", None)


def claimed_row(session: Session, table: Any, mine: Claim) -> Any | None:
    """The claimed row, locked; None when the lease was lost to another worker."""
    return session.execute(
        select(table)
        .where(table.shop_id == mine.shop_id, table.id == mine.id, table.claim_token == mine.token)
        .with_for_update()
    ).scalar_one_or_none()


def backoff_seconds(attempts: int, wish: float | None = None) -> float:
    """How long to wait after the `attempts`-th failure: 2, 8, 32 … seconds with jitter, at most
    four hours, and never less than the other side asked for."""
    wait = min(LONGEST_BACKOFF_S, 0.5 * 4.0**attempts)
    return max(wish or 0.0, wait * random.uniform(0.8, 1.2))  # noqa: S311  # jitter, no secret


def _put_back(table: Any, mine: Claim, reason: str, wish: float | None) -> None:
    with unit_of_work(mine.shop_id) as session:
        row = claimed_row(session, table, mine)
        if row is None:
            return
        give_back(row, reason, wish)


def give_back(
    row: Any, reason: str, wish: float | None = None, *, most: int = MAX_ATTEMPTS
) -> None:
    """Put a claimed row back with backoff, or mark it failed after the last (`most`-th) attempt."""
    row.error, row.lease_until, row.claim_token = reason, None, None
    if row.attempts >= most:
        row.state = "failed"
        return
    row.state = "scheduled"
    row.retry_at = machine_now() + timedelta(seconds=backoff_seconds(row.attempts, wish))


def _fail(table: Any, mine: Claim, reason: str) -> None:
    with unit_of_work(mine.shop_id) as session:
        row = claimed_row(session, table, mine)
        if row is not None:
            row.state, row.error, row.lease_until, row.claim_token = "failed", reason, None, None
