"""Figures are counted, brakes fall and are let go, and a new domain warms up."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select

from app.core import clock
from app.journal.model import JournalEntry
from app.senders import queries, service
from app.senders.model import SendingDay
from tests import make


def sent(shop: make.MadeShop, count: int, kind: str = "review", lane: str = "marketing") -> None:
    """So many messages of a kind left today."""
    with shop.work() as session:
        service.note_sent(session, kind, lane)
        row = session.scalars(select(SendingDay).where(SendingDay.kind == kind)).all()[-1]
        row.sent += count - 1


def outcome(shop: make.MadeShop, what: str, times: int, kind: str = "review") -> None:
    """So many people answered a kind of marketing message so."""
    with shop.work() as session:
        for _ in range(times):
            service.note_outcome(session, kind, "marketing", what)


def pace(shop: make.MadeShop, kind: str = "review", lane: str = "marketing") -> queries.Pace:
    with shop.work() as session:
        return queries.pace(session, lane, kind)


def events(shop: make.MadeShop, kind: str) -> int:
    with shop.work() as session:
        found = session.scalars(select(JournalEntry).where(JournalEntry.kind == kind))
        return len(found.all())


def test_complaints_slow_and_then_stop_marketing_until_a_person_lets_go(
    shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    sent(shop, 1000)
    outcome(shop, "complaints", 1)
    assert pace(shop) == queries.Pace()
    outcome(shop, "complaints", 1)
    slowed = pace(shop)
    assert (slowed.per_day, slowed.sent, slowed.why, slowed.spent) == (20, 1000, "slowed", True)
    outcome(shop, "complaints", 1)
    assert pace(shop).paused == "complaints"
    assert pace(shop, lane="transactional") == queries.Pace()
    assert pace(other_shop) == queries.Pace()
    assert events(shop, "SendingBraked") == 2
    sent(shop, 100_000)
    outcome(shop, "unsubscribes", 1)
    assert pace(shop).paused == "complaints"  # a better rate is no decision
    with shop.work() as session:
        (brake,) = queries.braking(session)
        ended = service.let_go(session, brake.id, "user:7")
        assert (ended.ended_by, ended.count, ended.total) == ("user:7", 3, 1000)
    assert pace(shop) == queries.Pace()
    outcome(shop, "complaints", 1)
    assert pace(shop) == queries.Pace()  # what was forgiven is not counted again


def test_a_slow_pace_ends_when_the_figures_recover(shop: make.MadeShop) -> None:
    sent(shop, 1000)
    outcome(shop, "complaints", 2)
    sent(shop, 1500)
    with shop.work() as session:
        service.weigh(session)
        assert queries.braking(session) == []
        (past,) = queries.past_brakes(session)
        assert past.ended_by is None
    assert pace(shop) == queries.Pace()


def test_one_kind_that_people_leave_over_is_stopped_alone(shop: make.MadeShop) -> None:
    sent(shop, 100)
    outcome(shop, "unsubscribes", 5)
    assert pace(shop).paused == "kind_stopped"
    assert pace(shop, kind="replenish") == queries.Pace()


def test_old_figures_are_forgotten(app: Flask, owner: Engine, shop: make.MadeShop) -> None:
    sent(shop, 100)
    outcome(shop, "complaints", 2)
    assert pace(shop).why == "slowed"
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=31))
    with shop.work() as session:
        service.weigh(session)
    assert pace(shop) == queries.Pace()


def test_a_new_domain_warms_up_with_marketing_only(
    app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        made = service.enter(
            session,
            provider="smtp",
            mailbox="shop@hinata.example",
            endpoint="smtp://me:secret@mail.hinata.example",
            shown="mail.hinata.example",
        )
        assert "secret" not in (made.endpoint or "")
        assert queries.sending(session).provider == "host"  # not before it is proven
        service.activate(session, made.id, [])
        assert queries.sending(session).mailbox == "shop@hinata.example"
    assert pace(shop).per_day == 50
    sent(shop, 50)
    assert pace(shop).spent
    assert pace(shop, lane="transactional") == queries.Pace()
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=1))
    assert (pace(shop).per_day, pace(shop).sent) == (65, 0)
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=27))
    assert pace(shop).per_day is None
    with shop.work() as session:
        service.call_established(session, "hinata.example", established=True)
        service.go_back(session)
        assert queries.sending(session).provider == "host"


def test_one_owner_per_message(shop: make.MadeShop, other_shop: make.MadeShop) -> None:
    with shop.work() as session:
        service.hand_to(session, "review", "Klaviyo")
        assert (queries.owner(session, "review"), queries.owner(session, "shipped")) == (
            "Klaviyo",
            "okaeri",
        )
    with other_shop.work() as session:
        assert queries.owner(session, "review") == "okaeri"
    with shop.work() as session:
        service.hand_to(session, "review", "okaeri")
        assert queries.owners(session) == {}
