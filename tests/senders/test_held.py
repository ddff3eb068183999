"""What the sender's health and another tool's ownership mean for messages on their way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import Engine, select, update

from app.channels.memory import MemoryChannel
from app.core import clock
from app.core.clock import machine_now
from app.messages import jobs
from app.messages.model import Message, MessageShift
from app.senders import queries, rules, service
from app.senders.model import Brake, SenderAccount
from tests import make
from tests.messages.conftest import Bought


def shifts(bought: Bought, message: Message) -> list[str]:
    with bought.shop.work() as session:
        query = select(MessageShift.reason).where(MessageShift.message_id == message.id)
        return list(session.scalars(query.order_by(MessageShift.id)))


def brake(bought: Bought, subject: str, level: str) -> int:
    with bought.shop.work() as session:
        made = Brake(
            shop_id=bought.shop.id,
            subject=subject,
            level=level,
            measure=rules.COMPLAINTS if subject == "marketing" else rules.UNSUBSCRIBES,
            count=5,
            total=100,
            began_at=clock.now(session),
        )
        session.add(made)
        session.flush()
        return made.id


def test_stopped_marketing_waits_and_orders_mail_does_not(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    held = brake(bought, "marketing", rules.STOP)
    review, order = bought.say("review"), bought.say("next-steps")
    make.travel(owner, app, timedelta(days=1))
    assert bought.again(order).state == "sent"
    assert bought.again(review).state == "scheduled"
    assert "sending_paused" in shifts(bought, review)
    with bought.shop.work() as session:
        service.let_go(session, held, "7")
    make.travel(owner, app, timedelta(days=2))
    assert bought.again(review).state == "sent"
    assert len(mailbox.sent) == 2


def test_what_waited_too_long_is_not_sent_any_more(
    app: Flask, owner: Engine, bought: Bought
) -> None:
    held = brake(bought, "marketing", rules.STOP)
    refill = bought.say("replenish")
    review = bought.say("review")
    make.travel(owner, app, timedelta(days=20))
    found = bought.again(refill)
    assert (found.state, found.reason) == ("skipped", "sending_paused")
    # A request for a review is deferred, and asked in the end (rules.md RV-1).
    assert bought.again(review).state == "scheduled"
    with bought.shop.work() as session:
        service.let_go(session, held, "7")
    make.travel(owner, app, timedelta(days=2))
    assert bought.again(review).state == "sent"


def test_a_stopped_kind_is_skipped_with_its_reason(
    app: Flask, owner: Engine, bought: Bought
) -> None:
    brake(bought, "kind:review", rules.STOP)
    review = bought.say("review")
    make.travel(owner, app, timedelta(days=1))
    found = bought.again(review)
    assert (found.state, found.reason) == ("skipped", "kind_stopped")


def test_a_spent_warm_up_day_moves_marketing_to_the_next(
    app: Flask, owner: Engine, bought: Bought
) -> None:
    with bought.shop.work() as session:
        entered = service.enter(
            session, provider="smtp", mailbox="a@hinata.example", endpoint="smtp://x", shown="x"
        )
        service.activate(session, entered.id, [])
    review = bought.say("review")
    due = bought.again(review).due_at
    assert due is not None
    clock.shift_to(owner, due + timedelta(seconds=1))
    with bought.shop.work() as session:
        for _ in range(50):
            service.note_sent(session, "replenish", "marketing")
        assert queries.pace(session, "marketing").spent
    make.settle(app)
    assert "warm_up" in shifts(bought, review)
    make.travel(owner, app, timedelta(days=2))
    assert bought.again(review).state == "sent"


def test_another_tools_message_is_skipped(
    app: Flask, bought: Bought, mailbox: MemoryChannel
) -> None:
    scheduled = bought.say("shipped")
    with bought.shop.work() as session:
        service.hand_to(session, "next-steps", "Klaviyo")
        service.hand_to(session, "shipped", "Klaviyo")
    skipped = bought.say("next-steps")
    make.settle(app)
    for message in (skipped, scheduled):
        found = bought.again(message)
        assert (found.state, found.reason) == ("skipped", "sent_elsewhere")
    assert mailbox.sent == []


def test_a_dead_workers_message_is_sent_again_where_the_key_is_known(
    app: Flask, bought: Bought, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        entered = service.enter(
            session,
            provider="resend",
            mailbox="a@hinata.example",
            endpoint="resend://k@resend",
            shown="…k",
        )
        service.activate(session, entered.id, [])
    message = bought.say("next-steps")
    jobs.send_transactional()
    key = bought.again(message).send_key

    def lose(active_since: datetime) -> None:
        with bought.shop.work() as session:
            lost = {
                "state": "sending",
                "lease_until": machine_now() - timedelta(seconds=1),
                "attempts": Message.attempts + 1,
            }
            session.execute(update(Message).where(Message.id == message.id).values(**lost))
            session.execute(update(SenderAccount).values(active_since=active_since))
        jobs.sweep_up()

    lose(datetime(2020, 1, 1, tzinfo=UTC))
    make.settle(app)
    assert bought.again(message).state == "sent"
    assert [envelope.send_key for envelope in mailbox.sent] == [str(key)] * 2
    assert mailbox.sent[0].headers == mailbox.sent[1].headers
    lose(machine_now())  # it may have left by the way before
    assert bought.again(message).state == "in_doubt"
