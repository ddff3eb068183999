"""Random histories through the real service on PostgreSQL: composed, placed, held, let go, looked
at again and sent, a message at a time. The same promises as `test_histories.py`, which knows only
the rules. A handful here; thousands with
`OKAERI_HISTORIES=2000 pytest tests/messages/test_real_histories.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from app.channels.memory import MemoryChannel
from app.consent import service as consent
from app.core import clock
from app.journal import jobs as journal
from app.messages import jobs, rules
from app.messages.model import Message
from app.shops import service as shops
from app.shops import settings as shop_settings
from tests import make
from tests.messages.conftest import Bought, buy

EXAMPLES = int(os.environ.get("OKAERI_HISTORIES", "3"))
#: Marketing of the whole ladder that needs nothing but an order.
KINDS = ("replenish-follow-up", "review", "welcome-story", "milestone", "win-back-miss")
PLACES = {
    ("JP", "JP-13"): "Asia/Tokyo",
    ("US", "CA"): "America/Los_Angeles",
    ("US", "NY"): "America/New_York",
    ("AU", "NSW"): "Australia/Sydney",
    ("GB", "ENG"): "Europe/London",
}
#: Both clock changes and the turn of the year lie ahead of it.
STARTS = [datetime(2027, month, 20, tzinfo=UTC) for month in (2, 9, 12)]
HORIZON = timedelta(days=500)


@dataclass(frozen=True)
class History:
    """One person's: where they live, what the shop chose, and what happens when (in minutes)."""

    place: tuple[str, str]
    start: datetime
    per_week: int
    apart_h: int
    said: list[tuple[int, str]]
    holds: list[tuple[int, int]]
    leaves: int | None

    @property
    def events(self) -> list[tuple[int, str, str]]:
        day = 24 * 60
        found = [(minute, "say", kind) for minute, kind in self.said]
        for first, length in self.holds:
            found += [(first * day, "hold", ""), ((first + length) * day, "release", "")]
        if self.leaves is not None:
            found.append((self.leaves * day, "leave", ""))
        return sorted(found)


HISTORIES = st.builds(
    History,
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(STARTS),
    st.integers(1, 3),
    st.sampled_from([24, 48, 72]),
    st.lists(
        st.tuples(st.integers(0, 60 * 24 * 60), st.sampled_from(KINDS)), min_size=2, max_size=8
    ),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=1),
    st.one_of(st.none(), st.integers(1, 70)),
)


@dataclass
class Life:
    """One person under the real arbiter, and the clock they live by."""

    owner: Engine
    bought: Bought
    history: History
    left_at: datetime | None = None
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000)))

    def until(self, moment: datetime) -> None:
        """Send what falls due on the way."""
        while (due := self._next()) is not None and due <= moment:
            clock.shift_to(self.owner, max(due, clock.business_now(self.owner)))
            jobs.send_marketing()
        clock.shift_to(self.owner, moment)

    def _next(self) -> datetime | None:
        with self.owner.connect() as connection:
            query = "SELECT min(due_at) FROM messages WHERE state = 'scheduled'"
            found: datetime | None = connection.execute(text(query)).scalar_one()
        return found

    def happens(self, what: str, kind: str) -> None:
        if what == "say":
            self.bought.say(kind, f"{self.bought.order_id}:{next(self.numbers)}")
            return
        with self.bought.shop.work() as session:
            customer = self.bought.customer_id
            if what == "hold":
                consent.hold(session, customer_id=customer, reason="complaint")
            elif what == "release":
                consent.release(session, customer_id=customer, reason="complaint")
            else:
                consent.unsubscribe(session, customer, None, "page")
                self.left_at = clock.now(session)
        journal.react()

    def messages(self) -> list[Message]:
        with self.bought.shop.work() as session:
            mine = Message.customer_id == self.bought.customer_id
            return list(session.scalars(select(Message).where(mine)))


def live(owner: Engine, shop: make.MadeShop, history: History) -> Life:
    clock.shift_to(owner, history.start)
    with shop.work() as session:
        row = shops.shop(session)
        kept = shops.settings_of(row)
        chosen = msgspec.structs.replace(
            kept.frequency, per_week=history.per_week, apart_h=history.apart_h
        )
        row.settings = shop_settings.dump(msgspec.structs.replace(kept, frequency=chosen))
    country, province = history.place
    address = {"country_code": country, "province_code": province, "province": province}
    life = Life(owner, buy(shop, shipping_address=address), history)
    for minute, what, kind in history.events:
        life.until(history.start + timedelta(minutes=minute))
        life.happens(what, kind)
    life.until(history.start + HORIZON)
    return life


@pytest.fixture
def shops_elsewhere(app: Flask, mailbox: MemoryChannel) -> Iterator[make.MadeShop]:
    """Shops whose law lets them write to whoever agreed. Every person has one of their own: where
    hundreds of lives are lived in one shop, those who leave stop its marketing for the others."""
    assert app is not None
    assert mailbox.sent == []
    return (make.shop(f"shop-{number}.myshopify.com") for number in count())


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(HISTORIES)
def test_what_really_leaves_keeps_caps_hours_and_consent_and_asks_everybody(
    owner: Engine,
    shops_elsewhere: Iterator[make.MadeShop],
    mailbox: MemoryChannel,
    history: History,
) -> None:
    before = len(mailbox.sent)
    life = live(owner, next(shops_elsewhere), history)
    found = life.messages()
    sent = sorted((one for one in found if one.sent_at), key=lambda one: one.sent_at or UTC)
    row = [one.sent_at for one in sent if one.sent_at]
    assert len(mailbox.sent) - before == len(sent)
    assert all(b - a >= timedelta(hours=history.apart_h) for a, b in pairwise(row))
    weekly = zip(row, row[history.per_week :], strict=False)
    assert all(last - first >= rules.WEEK for first, last in weekly)
    zone = ZoneInfo(PLACES[history.place])
    for at in (moment.astimezone(zone) for moment in row):
        assert time(8) <= at.time() < time(21)
        assert (at.month, at.day) not in rules.NEW_YEAR
    if life.left_at is not None:
        assert all(at <= life.left_at for at in row)
        return
    reviews = [one for one in found if one.kind == "review"]
    assert {one.state for one in reviews} <= {"sent"}, [(r.state, r.reason) for r in reviews]
