"""A claim and its lease: a worker that dies, a zombie that comes back, an order called off."""

from __future__ import annotations

from sqlalchemy import text

from app.channels.memory import MemoryChannel
from app.core.claim import claim
from app.core.db import unit_of_work
from app.messages import doubts, jobs, outbox, queries, service
from app.messages.model import Message
from tests.messages.conftest import Bought


def expire_lease(bought: Bought) -> None:
    with bought.shop.work() as session:
        session.execute(
            text("UPDATE messages SET lease_until = clock_timestamp() - interval '1 s'")
        )


def test_a_worker_that_died_while_sending_leaves_a_doubt_not_a_double(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    message = bought.say("next-steps")
    (mine,) = claim(Message, lane="transactional")
    with unit_of_work(bought.shop.id) as session:
        assert outbox.intend(session, mine) is not None
    jobs.sweep_up()
    assert bought.again(message).state == "sending"
    expire_lease(bought)
    jobs.sweep_up()
    jobs.send_transactional()
    assert (bought.again(message).state, mailbox.sent) == ("in_doubt", [])
    with bought.shop.work() as session:
        assert [each.id for each in queries.in_doubt(session)] == [message.id]
        doubts.resolve(session, queries.by_id(session, message.id), resend=True)
    jobs.send_transactional()
    assert (bought.again(message).state, len(mailbox.sent)) == ("sent", 1)


def test_a_worker_that_died_before_sending_costs_nothing(
    bought: Bought, mailbox: MemoryChannel
) -> None:
    message = bought.say("next-steps")
    claim(Message, lane="transactional")
    expire_lease(bought)
    jobs.sweep_up()
    jobs.send_transactional()
    assert (bought.again(message).state, len(mailbox.sent)) == ("sent", 1)


def test_a_zombie_stops_at_the_intent(bought: Bought, mailbox: MemoryChannel) -> None:
    bought.say("next-steps")
    (zombie,) = claim(Message, lane="transactional")
    expire_lease(bought)
    jobs.sweep_up()
    (_second,) = claim(Message, lane="transactional")
    with unit_of_work(bought.shop.id) as session:
        assert outbox.intend(session, zombie) is None


def test_calling_off_takes_the_claim_away(bought: Bought, mailbox: MemoryChannel) -> None:
    message = bought.say("next-steps")
    (mine,) = claim(Message, lane="transactional")
    with bought.shop.work() as session:
        service.cancel_for_order(session, bought.order_id, "order_cancelled")
    with unit_of_work(bought.shop.id) as session:
        assert outbox.intend(session, mine) is None
    assert bought.again(message).state == "cancelled"
