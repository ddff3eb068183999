"""What it costs that messages leave by a bell: `pytest -m bench tests/bench/test_dispatch.py -s`.

The same messages, each with its intent, a wire that takes a millisecond and its outcome: once one
after the other, claimed beforehand and with nothing around them, and once as a worker sends them,
from the bell in Redis to the last outcome. Both in turn, `OKAERI_BENCH_PASSES` times; what a worker
needs to start and to end is taken off. Above 1, what the worker saves (a message is prepared while
another is on the wire) outweighs what the bell, the claims and the threads cost.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from statistics import median

import pytest
from flask import Flask

from app.channels.base import Envelope, Receipt
from app.channels.memory import MemoryChannel
from app.core.claim import Claim, Claimer
from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.keeping import Kept
from app.core.queue import ring_now
from app.core.runtime import runtime
from app.core.worker import make_worker
from app.messages import outbox
from app.messages.batch import hand_over
from app.messages.model import Message
from tests import make
from tests.bench.test_send import compose, hurry
from tests.messages.conftest import buy

BATCH, PASSES = 100, int(os.environ.get("OKAERI_BENCH_PASSES", "5"))
WIRE_S = 0.001
KIND, LANE = "next-steps", "transactional"
BELL = f"messages.send_{LANE}"


class Wire(MemoryChannel):
    """A provider that takes a message within a millisecond."""

    def send(self, envelope: Envelope) -> Receipt:
        time.sleep(WIRE_S)
        return super().send(envelope)


@pytest.fixture
def mailbox() -> MemoryChannel:
    return Wire()


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock and of this process' CPU."""

    clock: float
    cpu: float


@pytest.mark.bench
def test_a_bell_costs_little_beside_its_messages(
    app: Flask, shop: make.MadeShop, noon: object, mailbox: MemoryChannel
) -> None:
    bare, rung, idle = [], [], []
    for number in range(PASSES + 1):
        ready(shop)
        claims = claimed()
        bare.append(spent(lambda: one_by_one(claims)))  # noqa: B023  # called at once
        ready(shop)
        ring_now(BELL)
        rung.append(spent(lambda: work(app)))
        idle.append(spent(lambda: work(app)))
        if not number:
            # The first pass compiles what all the others use.
            bare, rung, idle = [], [], []
    assert len(mailbox.sent) == 2 * BATCH * (PASSES + 1)
    alone, full, empty = (median(each.clock for each in them) for them in (bare, rung, idle))
    cpu = [median(each.cpu for each in them) for them in (bare, rung, idle)]
    print(
        f"\n{BATCH} messages on a wire of {WIRE_S * 1e3:.0f} ms: bare {BATCH / alone:.0f}/s, "
        f"{cpu[0] / BATCH * 1e3:.2f} ms CPU each; by the bell {BATCH / (full - empty):.0f}/s, "
        f"{(cpu[1] - cpu[2]) / BATCH * 1e3:.2f} ms CPU each; efficiency "
        f"{alone / (full - empty):.2f}, by CPU {cpu[0] / (cpu[1] - cpu[2]):.2f}"
    )


def ready(shop: make.MadeShop) -> None:
    """So many messages are due."""
    people = [buy(shop) for _ in range(BATCH)]
    compose(shop, KIND, people)
    hurry(shop)


def claimed() -> list[Claim]:
    job = Claimer(Message, lane=LANE, fair=True)
    claims = [mine for some in iter(job.take, []) for mine in some]
    assert len(claims) == BATCH
    return claims


def one_by_one(claims: list[Claim]) -> None:
    """Nothing but the messages: no bell, no claim, no thread; the wire is waited for."""
    kept = Kept()
    for mine in claims:
        with unit_of_work(mine.shop_id, keeping=kept) as session:
            leaving = outbox.intend(session, mine)
        assert leaving is not None
        started = machine_now()
        note = hand_over(runtime().channels[leaving.channel], leaving)
        with unit_of_work(mine.shop_id, keeping=kept) as session:
            note(session, mine, started)


def work(app: Flask) -> None:
    """A worker answers what was rung, and ends."""
    queue = runtime().table("BELLS")[BELL]
    make_worker(app, queue).work(burst=True, logging_level="ERROR")


def spent(errand: object) -> Spent:
    clock, cpu = time.perf_counter(), time.process_time()
    errand()  # type: ignore[operator]
    return Spent(time.perf_counter() - clock, time.process_time() - cpu)
