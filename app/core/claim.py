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
from sqlalchemy import Index, String, TextClause, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import driver
from app.core.clock import machine_now
from app.core.db import dispatching, unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.keeping import Kept
from app.core.queue import Gathered, gathered

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
    "state = 'scheduled' AND lane = :lane AND due_at <= (SELECT okaeri_now()) "
    "AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
)
_EARLIEST = (
    "SELECT shop_id, id FROM {name} WHERE {due} AND due_at >= CAST(:head AS timestamptz) "
    "ORDER BY due_at LIMIT {limit}"
)
#: Shops take turns: everybody's earliest first, then everybody's second, ….
_TURNS = """
    SELECT shop_id, id FROM {name} JOIN (
        SELECT mine.shop_id, mine.id, mine.due_at, mine.turn
        FROM unnest(CAST(:shops AS bigint[]), CAST(:heads AS timestamptz[]))
            AS queue (shop_id, head)
        CROSS JOIN LATERAL (
            SELECT shop_id, id, due_at, row_number() OVER (ORDER BY due_at) AS turn
            FROM {name} WHERE shop_id = queue.shop_id AND due_at >= queue.head AND {due}
            ORDER BY due_at LIMIT {limit}) AS mine
        ORDER BY mine.turn, mine.due_at LIMIT {limit}) AS turns USING (shop_id, id)
    WHERE state = 'scheduled'
"""
#: Asked shop by shop: each has an end of the index to look at, however much is due behind it.
_WHOSE = """
    SELECT tenants.shop_id FROM tenants CROSS JOIN LATERAL (
        SELECT 1 FROM {name} WHERE shop_id = tenants.shop_id AND {due}
        ORDER BY due_at LIMIT 1) AS earliest
"""
_CLAIM = """
    WITH picked AS ({picked} FOR UPDATE OF {name} SKIP LOCKED)
    UPDATE {name} AS t
    SET state = 'claimed', claim_token = :token, attempts = attempts + 1,
        lease_until = clock_timestamp() + make_interval(secs => :lease)
    FROM picked WHERE t.shop_id = picked.shop_id AND t.id = picked.id
    RETURNING t.shop_id, t.id, t.due_at
"""
_BEGINNING = "-infinity"
#: Seconds for which a job trusts what it knows of a lane: a shop whose first message falls due in
#: the middle of another's flood waits no longer for its turn.
FRESH_S = 1.0


def claim(
    table: QueueTable,
    *,
    lane: str = "default",
    limit: int = BATCH,
    lease_s: int = 300,
    fair: bool = False,
) -> list[Claim]:
    """Claim up to `limit` due rows, earliest first, and commit: one claim of a `Claimer`."""
    return Claimer(table, lane=lane, limit=limit, lease_s=lease_s, fair=fair).take()


class Claimer:
    """A job's claims of a lane, up to `limit` rows each, earliest first. With `fair`, shops take
    turns once one of them fills more than half of a claim: its flood delays nobody else. (The table
    then needs an index that begins with the shop.)

    It goes on where its last claim ended. What was claimed stays in the index for as long as
    anybody's snapshot might still see it (an export, a dump), and each claim would walk past all
    of it. What falls due before that place meanwhile, and whose turn it is as well, is looked up
    anew every `FRESH_S` seconds, and as soon as a claim is not filled without it.
    """

    def __init__(
        self,
        table: QueueTable,
        *,
        lane: str = "default",
        limit: int = BATCH,
        lease_s: int = 300,
        fair: bool = False,
    ) -> None:
        self._name, self._lane, self._limit = table.__tablename__, lane, limit
        self._lease_s, self._fair = lease_s, fair
        self._forget()

    def _forget(self) -> None:
        self._head = _BEGINNING
        #: While shops take turns: those that have something due, and where each one's claims ended.
        self._heads: dict[int, str] = {}
        self._suspects_flood = self._fair
        self._stale_at = time.monotonic() + FRESH_S

    def take(self) -> list[Claim]:
        """Claim, and commit. Fewer than `limit`: there is no more."""
        token = uuid.uuid4()
        if time.monotonic() >= self._stale_at:
            self._forget()
        with dispatching() as session:
            from_beginning = self._head == _BEGINNING
            rows = self._pick(session, token, self._limit)
            # (Where shops take turns, another claimer may just have been at the same rows.)
            if len(rows) < self._limit and (self._heads or not from_beginning):
                self._forget()
                rows += self._pick(session, token, self._limit - len(rows))
        rows.sort(key=lambda row: (row.due_at, row.id))
        return [Claim(row.shop_id, row.id, token) for row in rows]

    def _pick(self, session: Session, token: uuid.UUID, limit: int) -> list[Any]:
        if self._suspects_flood and self._is_flooded(session, limit):
            whose = session.execute(self._sql(_WHOSE, limit), {"lane": self._lane}).scalars()
            self._heads = dict.fromkeys(whose, self._head)
        self._suspects_flood = False
        given = {"lane": self._lane, "token": token, "lease": self._lease_s}
        if self._heads:
            given |= {"shops": list(self._heads), "heads": list(self._heads.values())}
        else:
            given["head"] = self._head
        picked = _TURNS if self._heads else _EARLIEST
        rows = list(
            session.execute(self._sql(_CLAIM.replace("{picked}", picked), limit), given).all()
        )
        self._go_on_behind(rows, limit)
        return rows

    def _go_on_behind(self, rows: list[Any], limit: int) -> None:
        rows = sorted(rows, key=lambda row: row.due_at)
        if self._heads:
            self._heads.update((row.shop_id, row.due_at.isoformat()) for row in rows)
        elif rows:
            self._head = rows[-1].due_at.isoformat()
            self._suspects_flood = self._fair and _is_flood([row.shop_id for row in rows], limit)

    def _is_flooded(self, session: Session, limit: int) -> bool:
        """Whether one shop fills more than half of what would be claimed."""
        first = session.execute(
            self._sql(_EARLIEST, limit), {"lane": self._lane, "head": self._head}
        )
        return _is_flood(list(first.scalars()), limit)

    def _sql(self, query: str, limit: int) -> TextClause:
        # The table's name and the number are of our own code, everything else is bound. (With the
        # number known, the database plans once for all claims, and for few rows.)
        return text(query.format(name=self._name, due=_DUE, limit=int(limit)))


def _is_flood(shops: list[int], limit: int) -> bool:
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
    # The earliest is asked for, not whether there is any: that plan is the right one whether much
    # is due or nothing.
    found = driver.ask(
        session.connection(),
        f"SELECT (SELECT due_at FROM {table.__tablename__} WHERE state = 'scheduled' "  # noqa: S608
        "AND lane = $1 AND due_at <= (SELECT okaeri_now()) "
        "AND (retry_at IS NULL OR retry_at <= clock_timestamp()) "
        "ORDER BY due_at LIMIT 1) IS NOT NULL",
        (lane,),
    )
    return found == str(True)


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
    With `keeping` the rows share what they ask a shop's merchant. What they ring for is rung
    together.
    """
    handled, until = 0, time.monotonic() + BATCH_SECONDS
    claimer = Claimer(table, lane=lane, limit=limit)
    with gathered() as bells:
        while time.monotonic() < until and (claims := claimer.take()):
            for mine in claims:
                handle_claim(table, mine, handle, keeping, bells)
            handled += len(claims)
    return handled


def handle_claim(
    table: Any,
    mine: Claim,
    handle: Handler,
    keeping: Kept | None = None,
    bells: Gathered | None = None,
) -> None:
    """Handle one claimed row; whatever goes wrong ends up on the row, never in a lost log line."""
    try:
        with unit_of_work(mine.shop_id, keeping=keeping, gathering=bells) as session:
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
