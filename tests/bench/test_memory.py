"""What a worker holds in memory, idle and after many messages:
`OKAERI_BENCH_MESSAGES=100000 pytest -m bench tests/bench/test_memory.py -s` (2,000 by default).

The worker is a host's own process; what it sends goes to a mail server that keeps nothing. It is
warm once it has compiled what it sends and filled what it keeps ready. What it shares with the
process that it was forked from counts half for each of the two (PSS); resident is all it can see.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core.queue import ring_now
from app.core.settings import Settings
from app.messages import jobs
from tests import make
from tests.chaos.workers import Workers, working
from tests.messages.conftest import buy
from tests.processes import ROOT, wait

MESSAGES = int(os.environ.get("OKAERI_BENCH_MESSAGES", "2000"))
WARM = 500
#: Goals: what an idle worker may take, and grow by over a hundred thousand messages.
IDLE_MB, GROWTH = 80.0, 0.05
PATIENCE_S = 120.0 + MESSAGES / 10
AGAIN = """
INSERT INTO messages (shop_id, key, kind, message_class, channel, locale, order_id, customer_id,
                      recipient, subject_ids, state, lane, attempts, due_at)
SELECT shop_id, :name || key || n, kind, message_class, channel, locale, order_id, customer_id,
       recipient, subject_ids, 'scheduled', lane, 0, okaeri_now()
FROM messages, generate_series(1, :rows) AS n WHERE key LIKE 'first:%'
"""
LEFT = text("SELECT count(*) FROM messages WHERE state IN ('scheduled', 'claimed', 'sending')")


@pytest.mark.bench
def test_a_worker_does_not_grow(
    app: Flask, owner: Engine, settings: Settings, tmp_path: Path, shop: make.MadeShop
) -> None:
    people = [buy(shop) for _ in range(10)]
    with sink() as port:
        where = {"SMTP_URL": f"smtp://127.0.0.1:{port}"}
        with working(settings, "transactional", tmp_path / "worker.log", **where) as workers:
            idle, share = resident(workers), resident(workers, "Pss")
            for number, one in enumerate(people):
                one.say("next-steps", key=f"first:{number}")
            send(owner, "warm:", WARM // len(people))
            warm = resident(workers)
            send(owner, "then:", MESSAGES // len(people))
            full = resident(workers)
    print(
        f"\na worker: idle {idle:.1f} MB ({share:.1f} PSS), after {WARM} messages {warm:.1f}, "
        f"after {MESSAGES} more {full:.1f} MB ({full / warm - 1:+.1%})"
    )
    assert share <= IDLE_MB
    assert full <= warm * (1 + GROWTH)


def send(owner: Engine, name: str, times: int) -> None:
    """Have the messages sent so often again."""
    with owner.begin() as connection:
        connection.execute(text(AGAIN), {"name": name, "rows": times})

    def done() -> bool | None:
        ring_now(f"messages.{jobs.send_transactional.__name__}")
        with owner.connect() as connection:
            return True if connection.scalar(LEFT) == 0 else None

    wait(done, "the messages to be sent", PATIENCE_S)


def resident(workers: Workers, what: str = "Rss") -> float:
    """Megabytes of the process that answers bells."""
    [number] = workers.children()
    rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
    return int(rollup.split(f"{what}:")[1].split()[0]) / 1024


@contextmanager
def sink() -> Iterator[int]:
    """A mail server of its own process; its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.stdin.close()
