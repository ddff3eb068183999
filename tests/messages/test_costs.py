"""How many statements a message costs, beside what a batch asks once: each is a round trip and work
around it, and nobody notices one more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.core import clock
from app.core.db import unit_of_work
from app.core.keeping import Kept
from app.core.runtime import runtime
from app.journeys import promises
from app.journeys import service as journeys
from app.messages import jobs, service
from app.messages.model import Message
from app.mirror import queries as mirror
from app.shops import service as shops
from tests import make
from tests.messages.conftest import Bought, buy


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the block asks the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(runtime().engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(runtime().engine, "before_cursor_execute", note)


def compose(shop: make.MadeShop, kind: str, people: list[Bought], kept: Kept) -> int:
    with statements() as asked:
        for number, one in enumerate(people):
            with unit_of_work(shop.id, keeping=kept) as session:
                key = f"{one.order_id}:{number}"
                service.compose(session, one.intent(kind, key, due_at=clock.now(session)))
    return len(asked)


def send(shop: make.MadeShop) -> int:
    """What is composed is due now."""
    with shop.work() as session:
        session.execute(
            update(Message).where(Message.state == "scheduled").values(due_at=clock.now(session))
        )
    with statements() as asked:
        jobs.send_transactional()
        jobs.send_marketing()
    return len(asked)


def test_what_is_promised_costs_one_statement_a_message(
    app: Flask, shop: make.MadeShop, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on and what the shop has written a batch asks once; people it asks every time."""
    monkeypatch.setattr("app.core.keeping.KEPT_S", 600.0)
    people = [buy(shop) for _ in range(3)]
    with shop.work() as session:
        journeys.switch_on_recommended(session)
        journeys.switch_on(session, "welcome")
    kept, asked = Kept(), []
    for one in people:
        with unit_of_work(shop.id, keeping=kept) as session:
            order = mirror.order(session, one.order_id)
            bought, _home = mirror.bought(session, one.order_id), shops.shop(session)
            with statements() as told:
                says = promises.promised(session, order, bought=bought)
                assert says("start-guide", "check-in")
                assert not says("learn-practice", "learn-mastery")
        asked.append(len(told))
    assert asked[1:] == [1, 1]


@pytest.mark.parametrize(("kind", "composing", "sending"), [("next-steps", 2, 5), ("review", 4, 6)])
def test_a_message_more_costs_so_many_statements(
    kind: str,
    composing: int,
    sending: int,
    app: Flask,
    shop: make.MadeShop,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.core.keeping.KEPT_S", 600.0)
    monkeypatch.setattr("app.messages.batch.BATCH_SECONDS", 600.0)
    first, *others = (buy(shop) for _ in range(3))
    kept = Kept()
    compose(shop, kind, [first], kept)
    alone = send(shop)
    assert compose(shop, kind, others, kept) <= composing * len(others)
    assert send(shop) - alone <= sending * (len(others) - 1)
    with shop.work() as session:
        assert {row.state for row in session.query(Message)} == {"sent"}
