"""What happened is written once, and everyone who listens hears of it, each alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import GiveUp, TryLater
from app.core.events import Event
from app.core.queue import RedisQueue
from app.core.runtime import Runtime
from app.journal import jobs, queries
from app.journal.model import JournalDelivery, JournalEntry
from app.journal.service import ERRANDS, record, replay
from tests import make
from tests.make import MadeShop

heard: list[tuple[str, Event]] = []


class Rang(Event, frozen=True, kw_only=True):
    """A test's own fact."""

    times: int = 1


class Answered(Event, frozen=True, kw_only=True):
    """What a listener records in turn."""


def note(session: Session, event: Rang) -> None:
    heard.append(("note", event))


def answer(session: Session, event: Rang) -> None:
    record(session, Answered(occurred_at=event.occurred_at, order_id=event.order_id))


def note_answer(session: Session, event: Answered) -> None:
    heard.append(("answer", event))


def stumble(session: Session, event: Rang) -> None:
    session.execute(text("DELETE FROM journal_entries"))
    raise RuntimeError("a bug of ours")


def refuse(session: Session, event: Rang) -> None:
    raise GiveUp("nobody can do this")


def fetch(shop_id: int, event: Rang) -> None:
    heard.append((f"fetched for {shop_id}", event))


def fetch_later(shop_id: int, event: Rang) -> None:
    raise TryLater("Shopify is busy", 30)


Wire = Callable[..., None]


@pytest.fixture
def wire(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Put listeners and errands into the tables of the running app."""
    running: Runtime = app.extensions["okaeri"]
    heard.clear()

    def put(table: str, event: type[Event], *called: Any) -> None:
        monkeypatch.setitem(running.table(table), event, list(called))

    return put


def ring_bell(shop: MadeShop, **given: Any) -> None:
    with shop.work() as session:
        record(session, Rang(occurred_at=make.at(2026, 6, 1), **given))


def states(shop: MadeShop) -> dict[str, tuple[str, str | None]]:
    with shop.work() as session:
        return {
            delivery.listener.rsplit(".", 1)[1]: (delivery.state, delivery.error)
            for delivery in session.scalars(select(JournalDelivery))
        }


def test_a_fact_reaches_its_listeners_after_the_commit(
    app: Flask, shop: MadeShop, wire: Wire
) -> None:
    wire("REACTIONS", Rang, note)
    ring_bell(shop, order_id=7, times=3)
    assert heard == []
    make.settle(app)
    assert heard == [("note", Rang(occurred_at=make.at(2026, 6, 1), order_id=7, times=3))]
    assert states(shop) == {"note": ("done", None)}


def test_listeners_may_record_in_turn(app: Flask, shop: MadeShop, wire: Wire) -> None:
    wire("REACTIONS", Rang, answer)
    wire("REACTIONS", Answered, note_answer)
    ring_bell(shop, order_id=7)
    make.settle(app)
    assert [name for name, _ in heard] == ["answer"]
    with shop.work() as session:
        assert [entry.kind for entry in queries.of_order(session, 7)] == ["Rang", "Answered"]


def test_a_listener_that_fails_holds_up_no_other_and_leaves_no_trace(
    app: Flask, shop: MadeShop, wire: Wire
) -> None:
    wire("REACTIONS", Rang, stumble, note, refuse)
    ring_bell(shop)
    make.settle(app)
    assert [name for name, _ in heard] == ["note"]
    assert states(shop) == {
        "stumble": ("scheduled", "RuntimeError: a bug of ours"),
        "note": ("done", None),
        "refuse": ("failed", "nobody can do this"),
    }
    with shop.work() as session:
        assert len(queries.of_kind(session, "Rang")) == 1
        assert [d.listener for d in queries.undelivered(session)] == [
            "tests.journal.test_journal.refuse"
        ]


def test_a_mended_listener_can_be_called_again(app: Flask, shop: MadeShop, wire: Wire) -> None:
    wire("REACTIONS", Rang, refuse)
    ring_bell(shop)
    make.settle(app)
    wire("REACTIONS", Rang, note)
    with shop.work() as session:
        (failed,) = queries.undelivered(session)
        session.execute(update(JournalDelivery).values(listener="tests.journal.test_journal.note"))
        replay(session, failed.id)
    make.settle(app)
    assert [name for name, _ in heard] == ["note"]


def test_a_listener_nobody_wires_any_more_is_named(app: Flask, shop: MadeShop, wire: Wire) -> None:
    wire("REACTIONS", Rang, note)
    ring_bell(shop)
    wire("REACTIONS", Rang)
    make.settle(app)
    assert states(shop)["note"] == (
        "failed",
        "tests.journal.test_journal.note no longer listens to Rang",
    )


def test_nothing_is_delivered_after_a_rollback(app: Flask, shop: MadeShop, wire: Wire) -> None:
    wire("REACTIONS", Rang, note)

    def fail() -> None:
        with shop.work() as session:
            record(session, Rang(occurred_at=now(session)))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    make.settle(app)
    assert heard == []
    with shop.work() as session:
        assert session.scalars(select(JournalEntry)).all() == []


def test_errands_run_outside_any_unit_of_work(app: Flask, shop: MadeShop, wire: Wire) -> None:
    wire("ERRANDS", Rang, fetch)
    ring_bell(shop)
    make.settle(app)
    assert [name for name, _ in heard] == [f"fetched for {shop.id}"]
    assert states(shop) == {"fetch": ("done", None)}


def test_an_errand_is_patient_when_asked_to_come_later(
    app: Flask, shop: MadeShop, wire: Wire
) -> None:
    wire("ERRANDS", Rang, fetch_later)
    ring_bell(shop)
    make.settle(app)
    assert states(shop) == {"fetch_later": ("scheduled", "Shopify is busy")}
    with shop.work() as session:
        (delivery,) = session.scalars(select(JournalDelivery))
        assert delivery.retry_at is not None
        assert (delivery.retry_at - now(session)).total_seconds() > 20
    for _ in range(jobs.PATIENCE):
        with shop.work() as session:
            session.execute(update(JournalDelivery).values(retry_at=None))
        jobs.run_errands()
    assert states(shop) == {"fetch_later": ("failed", "Shopify is busy")}


def test_what_a_dead_worker_held_is_given_back(
    app: Flask, shop: MadeShop, owner: Engine, wire: Wire
) -> None:
    wire("REACTIONS", Rang, note)
    ring_bell(shop)
    with owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE journal_deliveries SET state = 'claimed', "
                "lease_until = clock_timestamp() - interval '1 second'"
            )
        )
    jobs.give_back_lost()
    make.settle(app)
    assert states(shop) == {"note": ("done", None)}


def test_a_customers_timeline_spans_orders_in_the_order_it_happened(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    with shop.work() as session:
        for day in (3, 1, 2):
            record(
                session,
                Rang(occurred_at=make.at(2026, 6, day), order_id=day, customer_id=9, times=day),
            )
        found = queries.of_customer(session, 9)
        assert [entry.data["times"] for entry in found] == [1, 2, 3]
        assert [e.data["times"] for e in queries.of_customer(session, 9, limit=2)] == [2, 3]
        assert queries.happened(session, "Rang", 3)
        assert not queries.happened(session, "Answered", 3)
    with other_shop.work() as session:
        assert queries.of_customer(session, 9) == []


def test_what_a_batch_rings_for_is_rung_at_once_and_then_together(
    app: Flask, shop: MadeShop, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire("REACTIONS", Rang, answer)
    wire("ERRANDS", Answered, fetch)
    for number in range(4):
        ring_bell(shop, order_id=number)
    monkeypatch.setattr("app.core.queue.GATHERED_S", 600.0)
    answered: list[int] = []

    def look(_queue: RedisQueue, _name: str, function: str, _args: object) -> None:
        assert function == "app.journal.jobs.run_errands"
        answered.append(errands(shop))

    monkeypatch.setattr(RedisQueue, "wake", look)
    jobs.react()
    # The second ring is the batch's last deed: all that it tells of is there.
    assert answered == [1, 4]


def errands(shop: MadeShop) -> int:
    with shop.work() as session:
        lanes = session.scalars(select(JournalDelivery.lane)).all()
        return lanes.count(ERRANDS)
