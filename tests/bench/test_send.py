"""What a message costs on its way: `pytest -m bench tests/bench/test_send.py -s`.

Each kind is composed for as many people as `OKAERI_BENCH_MESSAGES` says (300 by default), then sent
by the bell, in this one process and without a wire. Times are CPU of this process; the database's
own share shows in the messages per second. Statements are the steady figure; CPU doubles on a busy
machine, since what waits for the database comes back to cold caches.
`OKAERI_BENCH_PROFILE=<file>` keeps a cProfile of it.
"""

from __future__ import annotations

import cProfile
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.channels.memory import MemoryChannel
from app.channels.mime import as_bytes
from app.core import clock
from app.core.claim import has_due
from app.core.db import unit_of_work
from app.core.keeping import Kept
from app.core.runtime import runtime
from app.messages import jobs, service
from app.messages.model import Message
from app.recommendations.model import RecommendationPick
from tests import make
from tests.messages.conftest import Bought, buy

MESSAGES = int(os.environ.get("OKAERI_BENCH_MESSAGES", "300"))
PROFILE = os.environ.get("OKAERI_BENCH_PROFILE")
#: The order's own, one that sells, and one that suggests products.
KINDS = ("next-steps", "review", "cross-sell-related")
#: The first of a kind compile what all the others use.
WARM = 5


@dataclass
class Cost:
    """One stretch of work: CPU of this process, seconds on the clock, and statements."""

    cpu: float = 0.0
    clock: float = 0.0
    statements: int = 0

    def each(self, number: int) -> str:
        return (
            f"{self.cpu / number * 1e3:5.2f} ms CPU {self.statements / number:5.1f} statements "
            f"{number / self.clock:6.0f}/s"
        )


@pytest.mark.bench
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_message_costs(
    kind: str, app: Flask, shop: make.MadeShop, noon: object, mailbox: MemoryChannel
) -> None:
    pick(shop)
    people = [buy(shop) for _ in range(MESSAGES + WARM)]
    for number, one in enumerate(people[:WARM]):
        one.say(kind, key=f"warm:{number}")
    hurry(shop)
    send_all()
    profile = cProfile.Profile(time.process_time)
    with measured(profile) as composing:
        compose(shop, kind, people[WARM:])
    hurry(shop)
    with measured(profile) as sending:
        send_all()
    envelopes = mailbox.sent[-MESSAGES:]
    with measured(profile) as packing:
        for envelope in envelopes:
            as_bytes(envelope)
    if PROFILE:
        profile.dump_stats(f"{PROFILE}.{kind}")
    print(
        f"\n{kind}: compose {composing.each(MESSAGES)} | send {sending.each(MESSAGES)} | "
        f"MIME {packing.cpu / MESSAGES * 1e3:.2f} ms | peak {peak_mb():.0f} MB"
    )
    assert len(mailbox.sent) == MESSAGES + WARM


def compose(shop: make.MadeShop, kind: str, people: list[Bought]) -> None:
    """Each in a unit of work of its own, in one batch, as journeys do it."""
    kept = Kept()
    for one in people:
        with unit_of_work(shop.id, keeping=kept) as session:
            intent = one.intent(kind, key=f"bench:{one.order_id}", due_at=clock.now(session))
            service.compose(session, intent)


def peak_mb() -> float:
    """The most memory that this process has had; the test's own share (pytest, the shop's orders)
    is in it."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def pick(shop: make.MadeShop) -> None:
    """Something to suggest beside everything."""
    with shop.work() as session:
        for number in range(3):
            picked, _ = make.product(session, title=f"ドリップバッグ {number}", handle=f"d{number}")
            session.add(
                RecommendationPick(
                    shop_id=shop.id,
                    picked_shopify_id=picked.shopify_id,
                    created_at=clock.now(session),
                )
            )


def hurry(shop: make.MadeShop) -> None:
    """What the arbiter put off to a better hour is due now."""
    with shop.work() as session:
        session.execute(update(Message).values(due_at=clock.now(session)))


def send_all() -> None:
    """Answer the bells until nothing is due."""
    while has_due(Message, "transactional"):
        jobs.send_transactional()
    while has_due(Message, "marketing"):
        jobs.send_marketing()


@contextmanager
def measured(profile: cProfile.Profile) -> Iterator[Cost]:
    """What the block costs."""
    found, engine = Cost(), runtime().engine

    def count(*_args: object) -> None:
        found.statements += 1

    event.listen(engine, "before_cursor_execute", count)
    found.clock, found.cpu = -time.perf_counter(), -time.process_time()
    try:
        if PROFILE:
            profile.enable()
        yield found
        profile.disable()
    finally:
        found.clock += time.perf_counter()
        found.cpu += time.process_time()
        event.remove(engine, "before_cursor_execute", count)
