"""What waits: for the end of a trouble, of a pause, of a disaster; deferred, then asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.channels.memory import MemoryChannel
from app.consent import queries as consent_queries
from app.consent import service as consent
from app.core import clock
from app.core.clock import now
from app.journal.service import record
from app.messages import arbiter, jobs, people, queries, reasons, rules, service
from app.messages.model import Message, MessageShift
from app.mirror.events import FulfillmentRecorded, OrderCancelled, OrderRefunded
from app.mirror.model import Fulfillment, Order
from app.parcels.events import ParcelDelayed, ParcelDelivered
from app.parcels.model import Parcel
from app.shops import service as shops
from tests import make
from tests.messages.conftest import Bought, buy

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def tell(bought: Bought, event: type[ParcelDelayed | ParcelDelivered], state: str) -> None:
    """The carrier's word about the parcel."""
    with bought.shop.work() as session:
        parcel = session.get_one(Parcel, (bought.shop.id, bought.ids["parcel_id"]))
        parcel.state = state
        record(
            session,
            event(
                occurred_at=now(session),
                order_id=bought.order_id,
                customer_id=bought.customer_id,
                parcel_id=parcel.id,
            ),
        )


def shifts(bought: Bought, message: Message) -> list[str]:
    with bought.shop.work() as session:
        return list(
            session.scalars(
                select(MessageShift.reason)
                .where(MessageShift.message_id == message.id)
                .order_by(MessageShift.id)
            )
        )


def test_a_review_is_deferred_while_a_parcel_is_late_and_asked_afterwards(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    review = bought.say("review")
    tell(bought, ParcelDelayed, "exception")
    make.travel(owner, app, 9 * DAY)
    waiting = bought.again(review)
    assert (waiting.state, waiting.reason, waiting.due_at) == ("scheduled", "held", None)
    assert mailbox.sent == []
    assert bought.say("check-in").state == "scheduled"
    tell(bought, ParcelDelivered, "delivered")
    make.travel(owner, app, DAY)
    asked = bought.again(review)
    assert (asked.state, asked.reason, asked.held_from) == ("sent", None, None)
    assert "held" in shifts(bought, review)
    assert len(mailbox.sent) == 2


@pytest.mark.parametrize("how", ["the parcel", "the order", "the money"])
def test_a_late_parcel_that_is_called_off_holds_nothing_up_for_ever(
    app: Flask, bought: Bought, how: str
) -> None:
    tell(bought, ParcelDelayed, "exception")
    make.settle(app)
    with bought.shop.work() as session:
        assert consent_queries.held(session, bought.customer_id, None) is not None
        order = session.get_one(Order, (bought.shop.id, bought.order_id))
        said: Any = {"occurred_at": now(session), "order_id": order.id}
        said["customer_id"] = order.customer_id
        if how == "the parcel":
            parcel = session.get_one(Parcel, (bought.shop.id, bought.ids["parcel_id"]))
            sent = session.get_one(Fulfillment, (bought.shop.id, parcel.fulfillment_id))
            sent.status = "cancelled"
            record(session, FulfillmentRecorded(fulfillment_id=sent.id, **said))
        elif how == "the order":
            order.cancelled_at = now(session)
            record(session, OrderCancelled(**said))
        else:
            order.financial_status, order.refunded_at = "refunded", now(session)
            record(session, OrderRefunded(full=True, **said))
    make.settle(app)
    with bought.shop.work() as session:
        assert consent_queries.held(session, bought.customer_id, None) is None


def test_what_is_composed_during_a_trouble_waits_too_and_the_important_goes_first(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        consent.hold(session, customer_id=bought.customer_id, reason="complaint")
    review, refill = bought.say("review"), bought.say("replenish")
    assert {review.due_at, refill.due_at} == {None}
    with bought.shop.work() as session:
        consent.release(session, customer_id=bought.customer_id, reason="complaint")
    make.settle(app)
    first, second = bought.again(refill).due_at, bought.again(review).due_at
    assert first is not None
    assert second is not None
    assert second - first >= DAY


def test_a_second_trouble_keeps_what_the_first_let_go(app: Flask, bought: Bought) -> None:
    with bought.shop.work() as session:
        consent.hold(session, customer_id=bought.customer_id, reason="complaint")
        consent.hold(
            session, customer_id=bought.customer_id, order_id=bought.order_id, reason="return"
        )
    review = bought.say("review")
    with bought.shop.work() as session:
        consent.release(session, customer_id=bought.customer_id, reason="complaint")
    make.settle(app)
    assert bought.again(review).due_at is None
    with bought.shop.work() as session:
        assert consent_queries.held(session, bought.customer_id, None) is not None


def test_what_waits_is_called_off_like_anything_else(bought: Bought) -> None:
    with bought.shop.work() as session:
        consent.hold(session, customer_id=bought.customer_id, reason="complaint")
    review = bought.say("review", run_id=7)
    with bought.shop.work() as session:
        service.cancel_run(session, 7, "reviewed")
    assert bought.again(review).state == "cancelled"


def test_after_a_pause_what_is_still_true_follows(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    with bought.shop.work() as session:
        shops.pause(session)
    confirmation, van = bought.say("next-steps"), bought.say("out-for-delivery")
    assert bought.say("review").reason == "shop_paused"
    make.travel(owner, app, 20 * HOUR)
    assert mailbox.sent == []
    with bought.shop.work() as session:
        shops.resume(session)
    make.settle(app)
    assert bought.again(confirmation).state == "sent"
    late = bought.again(van)
    assert (late.state, late.reason) == ("skipped", "too_late")
    assert "shop_paused" in shifts(bought, confirmation)


def test_nothing_that_sells_goes_where_a_disaster_is(
    app: Flask, owner: Engine, noon: datetime, mailbox: MemoryChannel
) -> None:
    shop = make.shop(settings={"frequency": {"held_provinces": ["JP-17"]}})
    struck = buy(shop, shipping_address={"country_code": "JP", "province_code": "JP-17"})
    spared = buy(shop, shipping_address={"country_code": "JP", "province_code": "JP-13"})
    waiting, going = struck.say("review"), spared.say("review", key="spared")
    assert (waiting.reason, waiting.due_at) == ("disaster", None)
    assert going.due_at is not None
    with shop.work() as session:
        found = shops.shop(session)
        found.settings = {**found.settings, "frequency": {}}
        service.let_go_all(session, reasons.DISASTER)
    make.travel(owner, app, DAY)
    assert struck.again(waiting).state == "sent"


def test_whoever_answers_to_nothing_gets_less(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.change(placed_at=clock.business_now(owner) - 90 * DAY)
    with bought.shop.work() as session:
        for number in range(5):
            session.add(sent_long_ago(session, bought, number))
    first, second = bought.say("replenish"), bought.say("review")
    assert first.due_at is not None
    assert second.due_at is not None
    assert second.due_at - first.due_at >= rules.WEEK
    with bought.shop.work() as session:
        session.get_one(Message, (bought.shop.id, first.id)).state = "cancelled"
        session.get_one(Message, (bought.shop.id, second.id)).state = "cancelled"
        some = session.scalars(select(Message).where(Message.key == "old:3")).one()
        some.clicked_at = now(session)
        person = people.find(session, bought.customer_id, None)
        facts = service.facts_of(session, some)
        past = people.had(session, person)
        assert arbiter.caps_of(session, person, facts, past) == rules.Caps()


def sent_long_ago(session: object, bought: Bought, number: int) -> Message:
    """A marketing message of two months ago that could have told of a click."""
    moment = now(session) - timedelta(days=60 + number)  # type: ignore[arg-type]
    return Message(
        shop_id=bought.shop.id,
        key=f"old:{number}",
        kind="review",
        message_class="marketing",
        locale="ja",
        customer_id=bought.customer_id,
        subject_ids={},
        state="sent",
        sent_at=moment,
        due_at=moment,
        lane="marketing",
        counts_clicks=True,
    )


def test_the_shops_own_frequency_counts(noon: datetime) -> None:
    bought = buy(make.shop(settings={"frequency": {"per_week": 1, "apart_h": 72}}))
    first, second = bought.say("replenish"), bought.say("review")
    assert first.due_at is not None
    assert second.due_at is not None
    assert second.due_at - first.due_at >= rules.WEEK


def test_guest_orders_with_the_same_address_are_one_person(
    noon: datetime, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        buyer = make.customer(session, email="hanako@example.com")
    first = buy(shop, buyer=buyer)
    second = buy(shop, buyer=buyer, email="Hanako@Example.com")
    second.change(customer_id=None)
    mine = first.say("review", key="a")
    with shop.work() as session:
        guest = service.compose(
            session,
            service.Intent(
                key="b",
                kind="review",
                journey="review",
                due_at=now(session),
                order_id=second.order_id,
                customer_id=None,
                subject_ids=second.ids,
            ),
        )
        person = people.hold(session, guest.customer_id, guest.recipient)
        assert person == people.find(session, guest.customer_id, guest.recipient)
    assert person.customer_ids == (first.customer_id,)
    # Without a customer nobody has agreed to anything; as one person they would share the caps.
    assert guest.reason == "no_consent"
    assert mine.state == "scheduled"


def test_a_clock_that_jumps_back_sends_nothing_twice(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.say("next-steps")
    bought.say("review")
    make.travel(owner, app, DAY)
    assert len(mailbox.sent) == 2
    clock.shift_to(owner, clock.business_now(owner) - 2 * DAY)
    make.settle(app)
    again = bought.say("review", key="another")
    jobs.send_marketing()
    assert len(mailbox.sent) == 2
    sent = next(m for m in mailbox.sent if "List-Unsubscribe" in m.headers)
    assert sent
    with bought.shop.work() as session:
        before = [m.sent_at for m in queries.of_order(session, bought.order_id) if m.sent_at]
    assert again.due_at is not None
    assert all(abs(again.due_at - at) >= DAY for at in before[1:])


# --- one customer at a time ---------------------------------------------------------------------


def test_a_message_is_said_once_more_as_a_new_one(
    owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    first = bought.say("next-steps")
    jobs.send_transactional()
    for expected in ("test:next-steps~2", "test:next-steps~3"):
        with bought.shop.work() as session:
            again = service.resend(session, bought.customer_id, first.id, "7")
        assert again.key == expected
        with bought.shop.work() as session, pytest.raises(service.SaidJustNow):
            service.resend(session, bought.customer_id, first.id, "7")
        jobs.send_transactional()
        clock.shift_to(owner, clock.business_now(owner) + service.BREATH)
    keys = [envelope.send_key for envelope in mailbox.sent]
    assert len(set(keys)) == 3


def test_marketing_is_said_once_more_only_with_consent(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    first = bought.say("review")
    make.travel(owner, app, DAY)
    with bought.shop.work() as session:
        consent.unsubscribe(session, bought.customer_id, None, "page")
    with bought.shop.work() as session:
        assert service.resend(session, bought.customer_id, first.id, "7").reason == "unsubscribed"


def test_everything_stops_for_one_person(app: Flask, bought: Bought) -> None:
    other = buy(bought.shop)
    bought.say("review")
    bought.say("check-in")
    kept = other.say("check-in", key="other")
    with bought.shop.work() as session:
        assert service.stop_person(session, bought.customer_id, "staff 7") == 2
    make.settle(app)
    assert bought.say("replenish").reason == "unsubscribed"
    assert other.again(kept).state == "scheduled"


@pytest.mark.parametrize("reason", ["held", "disaster", "stopped", "holiday"])
def test_every_reason_has_its_words(app: Flask, reason: str) -> None:
    assert queries.reason_text(reason) != reason
