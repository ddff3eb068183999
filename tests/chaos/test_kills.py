"""Workers are killed at every step of sending: nothing is sent twice, nothing is lost in silence.

A few kills run with the suite. The long run: `OKAERI_CHAOS_MESSAGES=6000 OKAERI_CHAOS_KILLS=50
pytest tests/chaos -s`.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core.queue import ring_now
from app.core.settings import Settings
from app.messages import jobs
from tests import make
from tests.channels import provider, smtpd
from tests.chaos.workers import Workers, working
from tests.messages.conftest import buy
from tests.processes import wait
from tests.senders.test_hooks import use

MESSAGES = int(os.environ.get("OKAERI_CHAOS_MESSAGES", "12"))
KILLS = int(os.environ.get("OKAERI_CHAOS_KILLS", "4"))
#: The sender dies when it has promised to send, has begun to speak, has said everything and waits
#: for the answer: to a mail server, and to a provider that takes a key once.
STEPS = ("MAIL", "DATA", "DOT", "POST")
PATIENCE_S = 60.0 + MESSAGES
#: What a dead worker held is free once its lease has run out, and here it has.
EXPIRE = text(
    "UPDATE messages SET lease_until = lease_until - interval '5 minutes' "
    "WHERE state IN ('claimed', 'sending') AND lease_until > clock_timestamp()"
)
#: The provider has been in use since before the first message.
LONG_SINCE = text("UPDATE sender_accounts SET active_since = active_since - interval '1 hour'")
NAME = "okaeri-chaos"
HANG_UP = text(
    "WITH dead AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE application_name = :name) "
    "SELECT pid FROM dead WHERE pg_terminate_backend(pid)"
)
OPEN = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:gone)")
UNDONE = {"scheduled", "claimed", "sending"}
STATES = text("SELECT shop_id, state, count(*) AS n FROM messages GROUP BY shop_id, state")


@dataclass
class Blows:
    """When to strike: at each of the steps as often, evenly over its messages. Ways out are side by
    side, so that no step waits for another's turn."""

    strike: Callable[[], None] = lambda: None
    seen: Counter[str] = field(default_factory=Counter)
    at_step: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, step: str) -> None:
        """A message has come to `step`."""
        with self.lock:
            self.seen[step] += 1
            due = self.at_step[step] * MESSAGES // 2 * len(STEPS) // KILLS
            if step in STEPS and self.struck < KILLS and self.seen[step] > due:
                self.at_step[step] += 1
                self.strike()

    @property
    def struck(self) -> int:
        """How often it was struck in all."""
        return self.at_step.total()


@pytest.mark.chaos
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(
    app: Flask, owner: Engine, settings: Settings, tmp_path: Path
) -> None:
    blows, plain, keyed = Blows(), make.shop(), make.shop("kumo-tea.myshopify.com")
    use(keyed, "resend")
    for shop in (plain, keyed):
        bought = buy(shop)
        for number in range(MESSAGES // 2):
            bought.say("next-steps", key=f"chaos:{number}")
    with owner.begin() as connection:
        connection.execute(LONG_SINCE)
    with smtpd.serving() as server, provider.serving() as resend:
        resend.says("/emails", provider.Answer({"id": "re_1"}))
        server.watch = resend.watch = blows.at
        where = {
            "PGAPPNAME": NAME,
            "SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "RESEND_API_URL": resend.url,
        }
        with working(settings, "transactional", tmp_path / "worker.log", **where) as workers:
            blows.strike = lambda: lay_out(owner, workers)
            wait(lambda: work_off(owner), "the end of every message", PATIENCE_S)
            assert blows.struck == workers.kills == KILLS
    ends = states(owner)
    print(f"\n{MESSAGES} messages, {KILLS} kills: {ends[plain.id]}, by key {ends[keyed.id]}")
    # By key everything arrives, and once.
    assert ends[keyed.id] == {"sent": MESSAGES // 2}
    assert len(resend.keyed) == MESSAGES // 2
    # By SMTP nobody can know what a dead worker was told: one open question a kill, and no more.
    assert set(ends[plain.id]) <= {"sent", "in_doubt"}
    assert 0 < ends[plain.id]["in_doubt"] <= KILLS
    assert ends[plain.id].total() == MESSAGES // 2
    arrived = Counter(message_from_bytes(one)["Message-ID"] for one in server.messages)
    assert set(arrived.values()) == {1}
    assert ends[plain.id]["sent"] <= len(arrived) <= MESSAGES // 2


def lay_out(owner: Engine, workers: Workers) -> None:
    """Kill who works, let the database notice, and let the leases run out. What the one before had
    said is still heard while the next one starts."""
    wait(lambda: workers.children() or None, "somebody who works")
    workers.kill()
    with owner.connect() as connection:
        gone = connection.execute(HANG_UP, {"name": NAME}).scalars().all()
    wait(lambda: closed(owner, gone), "the dead worker's lines to be closed")
    with owner.begin() as connection:
        connection.execute(EXPIRE)


def closed(owner: Engine, gone: Sequence[int]) -> bool | None:
    with owner.connect() as connection:
        return None if connection.scalar(OPEN, {"gone": gone}) else True


def work_off(owner: Engine) -> bool | None:
    """Ring as the clock does, and sweep up after the dead; True when nothing is left to do."""
    jobs.sweep_up()
    ring_now("messages.send_transactional")
    left = {state for ends in states(owner).values() for state in ends} & UNDONE
    return None if left else True


def states(owner: Engine) -> dict[int, Counter[str]]:
    """How many messages of each shop are in which state."""
    found: dict[int, Counter[str]] = {}
    with owner.connect() as connection:
        for row in connection.execute(STATES):
            found.setdefault(row.shop_id, Counter())[row.state] = row.n
    return found
