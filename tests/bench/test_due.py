"""How the outbox is searched when millions wait: `pytest -m bench tests/bench/test_due.py -s`.

`OKAERI_BENCH_PENDING` messages (a million by default) are pending, and a tenth of them before, both
in one run; ratios say more than times. Nothing is due at first (the clock's idle question), then
everything is. A claim takes 100, as the outbox claims, but for their number: each job of
`BATCH_SECONDS` with a `Claimer` of its own. A snapshot that somebody holds open keeps the database
from forgetting what was claimed meanwhile. Where the machine tells it (`/proc`), the database's CPU
for a claim stands beside the clock's time: on a busy machine it is the steadier of the two.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

import pytest
from flask import Flask, current_app
from sqlalchemy import Engine, text

from app.core import clock
from app.core.claim import BATCH_SECONDS, Claim, Claimer, asking, claim, has_due
from app.messages.model import Message
from tests import make

PENDING = int(os.environ.get("OKAERI_BENCH_PENDING", "1000000"))
#: How long the snapshot is held, and how long at its two ends the pace is taken.
HELD_S = float(os.environ.get("OKAERI_BENCH_HELD_S", "30"))
ENDS_S = min(5.0, HELD_S / 3)
SHOPS, TAKEN, LANE = 20, 100, "marketing"
#: Nobody's turn: the shops' rows lie between each other, a second's worth of them at each moment.
FILL = """
INSERT INTO messages (shop_id, key, kind, message_class, channel, locale, subject_ids, state, lane,
                      attempts, due_at)
SELECT (CAST(:shops AS bigint[]))[1 + n % :count], 'old:' || n, 'review', 'marketing', 'email',
       'ja', '{}', 'scheduled', :lane, 0,
       okaeri_now() + interval '1 day' + make_interval(secs => n * 0.005)
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""


@dataclass
class Pace:
    """How claims went: rows a second, seconds of each claim, the database's CPU seconds for one
    (0 where the machine does not tell)."""

    rate: float
    each: list[float]
    cpu: float

    def __str__(self) -> str:
        return (
            f"{self.rate:,.0f}/s (a claim of {TAKEN}: {shown(self.each)}, "
            f"{self.cpu * 1e3:.1f} ms of the database's CPU)"
        )

    def beside(self, other: Pace) -> str:
        """Its ratio to another one, more is quicker."""
        told = f", by CPU {other.cpu / self.cpu:.2f}" if self.cpu else ""
        return f"{self.rate / other.rate:.2f}{told}"


@pytest.mark.bench
def test_millions_that_wait_slow_no_claim(app: Flask, owner: Engine) -> None:
    shops = [make.shop(f"bulk-{n}.myshopify.com").id for n in range(SHOPS)]
    found, filled = [], 0
    for pending in (PENDING // 10, PENDING):
        fill(owner, shops, filled + 1, pending)
        filled = pending
        clock.shift_to(owner, clock.business_now(owner) - timedelta(days=3))
        found.append(look(owner, pending))
    few, many = found
    print(f"{PENDING:,} beside {PENDING // 10:,}: {many.beside(few)} of the claims a second")
    beside_a_snapshot(owner)
    a_flood(owner, shops)


def look(owner: Engine, pending: int) -> Pace:
    """Ask while nothing is due, then while everything is; answers how one claimer does."""
    early = clock.business_now(owner)
    idle = [timed(lambda: has_due(Message, LANE)) for _ in range(200)]
    assert not has_due(Message, LANE)
    with asking():
        # The clock asks all its queues in one transaction: this is one question of them.
        within = [timed(lambda: has_due(Message, LANE)) for _ in range(200)]
    one = [first_due(owner) for _ in range(20)]
    late = early + timedelta(days=30)
    clock.shift_to(owner, late)
    # Indexes that were just made are full to the brim: the first rows that move make room.
    paced(owner, ENDS_S)
    alone = paced(owner, ENDS_S)
    together = at_once(owner, ENDS_S)
    print(
        f"\n{pending:,} pending: idle question {shown(idle)}, among others {shown(within)}; one "
        f"falls due, asked and claimed {shown(one)}\n  claims: {alone}\n"
        f"  two claimers: {together:,.0f}/s ({together / alone.rate:.2f} of one)"
    )
    give_all_back(owner)
    clock.shift_to(owner, early)
    return alone


def first_due(owner: Engine) -> float:
    """Seconds from the question to the claim, of one message among those that are not due."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE messages SET due_at = okaeri_now() - interval '1 second' WHERE (shop_id, "
                "id) = (SELECT shop_id, id FROM messages WHERE lane = :lane AND state = 'scheduled'"
                " ORDER BY due_at DESC LIMIT 1)"
            ),
            {"lane": LANE},
        )
    took: list[Claim] = []

    def ask_and_claim() -> None:
        assert has_due(Message, LANE)
        took.extend(claim(Message, lane=LANE, limit=TAKEN, fair=True))

    seconds = timed(ask_and_claim)
    assert len(took) == 1
    return seconds


def beside_a_snapshot(owner: Engine) -> None:
    """The pace with a snapshot just opened, and after it was held for a while."""
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=30))
    before = paced(owner, ENDS_S)
    with snapshot(owner):
        first = paced(owner, ENDS_S)
        paced(owner, max(0.0, HELD_S - 2 * ENDS_S))
        last = paced(owner, ENDS_S)
    after = paced(owner, ENDS_S)
    print(
        f"a snapshot held for {HELD_S:.0f} s:\n  before: {before}\n  at first: {first}\n"
        f"  at last: {last}\n  let go: {after}\n  at last beside before: {last.beside(before)}"
    )


def a_flood(owner: Engine, shops: list[int]) -> None:
    """One shop has nearly all of what is due: the others' turns come with every claim."""
    with owner.begin() as connection:
        connection.execute(
            text(FILL),
            {"shops": shops[:1], "count": 1, "lane": "line_marketing", "first": PENDING + 1}
            | {"last": PENDING + PENDING // 10},
        )
    analyze(owner)
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=30))
    before = paced(owner, ENDS_S, lane="line_marketing")
    with snapshot(owner):
        paced(owner, HELD_S / 3, lane="line_marketing")
        last = paced(owner, ENDS_S, lane="line_marketing")
    print(
        f"one shop's flood: {before}\n  beside a snapshot: {last}\n"
        f"  with it beside without: {last.beside(before)}"
    )


@contextmanager
def snapshot(owner: Engine) -> Iterator[None]:
    """What an export or a dump does: one look at everything, for as long as it takes."""
    with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SELECT count(*) FROM tenants"))
        yield


def paced(
    owner: Engine, seconds: float, *, lane: str = LANE, taken: list[Claim] | None = None
) -> Pace:
    """Claim for a while, jobs of `BATCH_SECONDS` after each other."""
    began, cpu, each = time.perf_counter(), database_cpu(owner), []
    while time.perf_counter() - began < seconds:
        job = Claimer(Message, lane=lane, limit=TAKEN, fair=True)
        until = min(time.perf_counter() + BATCH_SECONDS, began + seconds)
        while time.perf_counter() < until:
            since = time.perf_counter()
            mine = job.take()
            each.append(time.perf_counter() - since)
            if taken is not None:
                taken += mine
            assert len(mine) == TAKEN, "OKAERI_BENCH_PENDING is too few for this machine"
    took = time.perf_counter() - began
    return Pace(len(each) * TAKEN / took, each, (database_cpu(owner) - cpu) / len(each))


def database_cpu(owner: Engine) -> float:
    """CPU seconds that the database's processes for clients have used so far; 0 where `/proc` does
    not tell."""
    with owner.connect() as connection:
        pids = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        ).scalars()
        stats = [stat for pid in pids if (stat := Path(f"/proc/{pid}/stat")).exists()]
    # The 14th and the 15th word, of which the second may hold spaces: user's and system's ticks.
    ticks = [stat.read_text().rpartition(")")[2].split()[11:13] for stat in stats]
    return sum(int(word) for words in ticks for word in words) / os.sysconf("SC_CLK_TCK")


def at_once(owner: Engine, seconds: float) -> float:
    """Two claimers at the same time; answers their rows a second, and that none took another's."""
    took: tuple[list[Claim], list[Claim]] = ([], [])
    began = time.perf_counter()
    both = [threading.Thread(target=in_app(paced), args=(owner, seconds, one)) for one in took]
    for one in both:
        one.start()
    for one in both:
        one.join()
    first, second = ({(mine.shop_id, mine.id) for mine in one} for one in took)
    assert first
    assert second
    assert not first & second
    return (len(first) + len(second)) / (time.perf_counter() - began)


def in_app(work: Callable[..., object]) -> Callable[[Engine, float, list[Claim]], None]:
    """`work` on a thread of its own, in this test's app."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def run(owner: Engine, seconds: float, taken: list[Claim]) -> None:
        with app.app_context():
            work(owner, seconds, taken=taken)

    return run


def fill(owner: Engine, shops: list[int], first: int, last: int) -> None:
    """Have so many messages wait for days to come. Their indexes are made afterwards, which takes a
    quarter of the time."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        indexes = connection.execute(INDEXES).all()
        for index in indexes:
            connection.execute(text(f"DROP INDEX {index.indexname}"))
        connection.execute(
            text(FILL),
            {"shops": shops, "count": len(shops), "lane": LANE, "first": first, "last": last},
        )
        for index in indexes:
            connection.exec_driver_sql(index.indexdef)
    analyze(owner)


#: Those that no constraint needs.
INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messages' AND indexname NOT IN "
    "(SELECT conname FROM pg_constraint WHERE conrelid = 'messages'::regclass)"
)


def give_all_back(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE messages SET state = 'scheduled', claim_token = NULL, lease_until = NULL "
                "WHERE state = 'claimed'"
            )
        )
    analyze(owner)


def analyze(owner: Engine) -> None:
    """What autovacuum does within a minute."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE messages"))
        connection.execute(text("CHECKPOINT"))


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def shown(seconds: list[float]) -> str:
    """The median and the 99th percentile."""
    return f"p50 {median(seconds) * 1e3:.2f} ms p99 {quantiles(seconds, n=100)[98] * 1e3:.2f} ms"
