"""How the outbox is searched when millions wait: `pytest -m bench tests/bench/test_due.py -s`.

`OKAERI_BENCH_PENDING` messages (a million by default) are pending, and a tenth of them before, both
in one run; ratios say more than times. Nothing is due at first (the clock's idle question), then
everything is. A claim takes 100, as the outbox claims, but for their number: each job of
`BATCH_SECONDS` with a `Claimer` of its own. A snapshot that somebody holds open keeps the database
from forgetting what was claimed meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median, quantiles

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core import clock
from app.core.claim import BATCH_SECONDS, Claim, Claimer, claim, has_due
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
    print(f"{PENDING:,} beside {PENDING // 10:,}: {many / few:.2f} of the claims a second")
    beside_a_snapshot(owner)
    a_flood(owner, shops)


def look(owner: Engine, pending: int) -> float:
    """Ask while nothing is due, then while everything is; answers claims a second."""
    early = clock.business_now(owner)
    idle = [timed(lambda: has_due(Message, LANE)) for _ in range(200)]
    assert not has_due(Message, LANE)
    one = [first_due(owner) for _ in range(20)]
    late = early + timedelta(days=30)
    clock.shift_to(owner, late)
    alone, taken = paced(3.0)
    together = at_once(3.0)
    print(
        f"\n{pending:,} pending: idle question {shown(idle)}; one falls due, asked and claimed "
        f"{shown(one)}; claims of {TAKEN}: {alone:,.0f}/s, a claim {shown(taken)}; "
        f"two claimers {together:,.0f}/s ({together / alone:.2f})"
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
    before, _ = paced(ENDS_S)
    with snapshot(owner):
        first, _ = paced(ENDS_S)
        paced(max(0.0, HELD_S - 2 * ENDS_S))
        last, taken = paced(ENDS_S)
    print(
        f"a snapshot held for {HELD_S:.0f} s: {before:,.0f}/s without, {first:,.0f}/s at first, "
        f"{last:,.0f}/s at last ({last / before:.2f}); a claim {shown(taken)}"
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
    before, taken = paced(ENDS_S, lane="line_marketing")
    with snapshot(owner):
        paced(HELD_S / 3, lane="line_marketing")
        last, _ = paced(ENDS_S, lane="line_marketing")
    print(
        f"one shop's flood: {before:,.0f}/s, a claim {shown(taken)}; "
        f"beside a snapshot {last:,.0f}/s ({last / before:.2f})"
    )


@contextmanager
def snapshot(owner: Engine) -> Iterator[None]:
    """What an export or a dump does: one look at everything, for as long as it takes."""
    with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SELECT count(*) FROM tenants"))
        yield


def paced(
    seconds: float, *, lane: str = LANE, taken: list[Claim] | None = None
) -> tuple[float, list[float]]:
    """Claim for a while, jobs of `BATCH_SECONDS` after each other: rows a second, and how long
    each claim took."""
    began, rows, each = time.perf_counter(), 0, []
    while time.perf_counter() - began < seconds:
        job, until = Claimer(Message, lane=lane, limit=TAKEN, fair=True), time.perf_counter()
        until = min(until + BATCH_SECONDS, began + seconds)
        while time.perf_counter() < until:
            since = time.perf_counter()
            mine = job.take()
            each.append(time.perf_counter() - since)
            rows += len(mine)
            if taken is not None:
                taken += mine
            assert len(mine) == TAKEN, "OKAERI_BENCH_PENDING is too few for this machine"
    return rows / max(time.perf_counter() - began, 1e-9), each


def at_once(seconds: float) -> float:
    """Two claimers at the same time; answers their rows a second, and that none took another's."""
    took: tuple[list[Claim], list[Claim]] = ([], [])
    began = time.perf_counter()
    both = [threading.Thread(target=in_app(paced), args=(seconds, one)) for one in took]
    for one in both:
        one.start()
    for one in both:
        one.join()
    first, second = ({(mine.shop_id, mine.id) for mine in one} for one in took)
    assert first
    assert second
    assert not first & second
    return (len(first) + len(second)) / (time.perf_counter() - began)


def in_app(work: Callable[..., object]) -> Callable[[float, list[Claim]], None]:
    """`work` on a thread of its own, in this test's app."""
    from flask import current_app

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def run(seconds: float, taken: list[Claim]) -> None:
        with app.app_context():
            work(seconds, taken=taken)

    return run


def fill(owner: Engine, shops: list[int], first: int, last: int) -> None:
    """Have so many messages wait for days to come."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(FILL),
            {"shops": shops, "count": len(shops), "lane": LANE, "first": first, "last": last},
        )
    analyze(owner)


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
