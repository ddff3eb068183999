"""What a person gets, and why not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.memory import MemoryChannel
from app.consent import service as consent
from app.core.clock import now
from app.journal import queries as journal
from app.messages import jobs, service
from app.messages.model import Message, MessageShift
from app.shops import service as shops
from tests import make
from tests.messages.conftest import Bought, buy

TOKYO = ZoneInfo("Asia/Tokyo")


def kinds_in_journal(bought: Bought) -> list[tuple[str, str | None]]:
    with bought.shop.work() as session:
        entries = journal.of_order(session, bought.order_id)
        return [(entry.kind, entry.data.get("reason")) for entry in entries]


def test_a_transactional_message_leaves_at_once(bought: Bought, noon: datetime) -> None:
    message = bought.say("next-steps")
    assert (message.state, message.lane, message.locale) == ("scheduled", "transactional", "ja")
    assert message.due_at is not None
    assert message.due_at - noon < timedelta(seconds=30)


def test_a_guide_waits_for_its_hour(bought: Bought) -> None:
    message = bought.say("start-guide")
    assert message.state == "scheduled"
    assert message.due_at is not None
    local = message.due_at.astimezone(TOKYO)
    assert (local.hour, 10 < local.minute <= 22) == (12, True)
    with bought.shop.work() as session:
        shift = session.scalars(select(MessageShift)).one()
        assert shift.reason == "favourite_hour"


def test_the_same_intent_is_composed_once(bought: Bought) -> None:
    assert bought.say("next-steps").id == bought.say("next-steps").id


def test_a_third_language_falls_back_to_the_shops(bought: Bought) -> None:
    bought.change(locale="fr-FR")
    assert bought.say("next-steps").locale == "ja"
    bought.change(locale="en-GB")
    assert bought.say("shipped").locale == "en"


@pytest.mark.parametrize("kind", ["next-steps", "prepare", "check-in"])
def test_service_reaches_those_who_did_not_agree_to_marketing(bought: Bought, kind: str) -> None:
    bought.change_customer(marketing_state="not_subscribed")
    assert bought.say(kind).state == "scheduled"


@pytest.mark.parametrize("kind", ["review", "replenish"])
def test_marketing_needs_consent(bought: Bought, kind: str) -> None:
    bought.change_customer(marketing_state="not_subscribed")
    message = bought.say(kind)
    assert (message.state, message.reason) == ("skipped", "no_consent")
    assert ("MessageSkipped", "no_consent") in kinds_in_journal(bought)


def test_marketing_goes_to_those_who_agreed(bought: Bought) -> None:
    message = bought.say("review")
    assert (message.state, message.lane) == ("scheduled", "marketing")


def test_an_order_without_email(noon: datetime, shop: make.MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session, email=None)
        order_id = make.order(session, buyer=buyer).id
    bought = Bought(shop, order_id, buyer.id)
    message = bought.say("next-steps")
    assert (message.state, message.reason, message.recipient) == ("skipped", "no_email", None)


def test_a_test_order_behaves_like_a_real_one(bought: Bought) -> None:
    bought.change(test=True)
    assert bought.say("next-steps").state == "scheduled"


def test_the_journey_may_decide_against_it_itself(bought: Bought) -> None:
    message = bought.say("prepare", skip="pos_order")
    assert (message.state, message.reason) == ("skipped", "pos_order")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"financial_status": "refunded"}, "order_refunded"),
        ({"cancelled_at": datetime(2026, 1, 1, tzinfo=TOKYO)}, "order_cancelled"),
    ],
)
def test_orders_that_are_over(bought: Bought, values: dict[str, object], reason: str) -> None:
    bought.change(**values)
    assert bought.say("shipped").reason == reason


def test_an_unsubscribed_person_gets_no_marketing_and_all_service(bought: Bought) -> None:
    with bought.shop.work() as session:
        consent.unsubscribe(session, bought.customer_id, None, "page")
    assert bought.say("review").reason == "unsubscribed"
    assert bought.say("check-in").state == "scheduled"


def test_a_dead_address_gets_nothing(bought: Bought) -> None:
    with bought.shop.work() as session:
        address = session.get_one(Message, (bought.shop.id, bought.say("shipped").id)).recipient
        assert address
        consent.suppress(session, channel="email", address=address.upper(), reason="hard_bounce")
    assert bought.say("delivered").reason == "suppressed"


@pytest.mark.parametrize("field", ["legal_name", "postal_address", "complaints_contact"])
def test_an_incomplete_footer_blocks_marketing_only(noon: datetime, field: str) -> None:
    bought = buy(make.shop(settings={field: ""}))
    assert bought.say("review").reason == "footer_incomplete"
    assert bought.say("next-steps").state == "scheduled"


def test_the_footers_address_keeps_its_lines_and_stays_text(
    noon: datetime, mailbox: MemoryChannel
) -> None:
    address = "12 Maple Street <b>\r\nBrooklyn, NY 11201"
    bought = buy(make.shop(settings={"postal_address": address}))
    bought.say("next-steps")
    jobs.send_transactional()
    [envelope] = mailbox.sent
    assert "12 Maple Street &lt;b&gt;<br>Brooklyn, NY 11201<br>" in envelope.html


def test_too_late_is_left_unsaid(bought: Bought, noon: datetime) -> None:
    message = bought.say("out-for-delivery", due_at=noon - timedelta(hours=13))
    assert message.reason == "too_late"


def test_a_paused_or_gone_shop_sends_nothing(bought: Bought) -> None:
    with bought.shop.work() as session:
        shops.pause(session)
    waiting = bought.say("next-steps")
    assert (waiting.state, waiting.reason, waiting.due_at) == ("scheduled", "shop_paused", None)
    assert bought.say("review").reason == "shop_paused"
    with bought.shop.work() as session:
        shops.uninstall(session)
    assert bought.say("shipped").reason == "shop_inactive"


def test_the_caps_are_per_person_over_all_orders(bought: Bought, noon: datetime) -> None:
    whens = []
    for number in range(4):
        message = bought.say("review", key=f"review:{number}")
        if message.due_at and message.state == "scheduled":
            whens.append(message.due_at)
    assert len(whens) >= 3
    assert all(b - a >= timedelta(days=1) for a, b in pairwise(whens))
    assert whens[2] - whens[0] >= timedelta(days=7)


def test_a_replenishment_pushes_a_review_aside(bought: Bought) -> None:
    review = bought.say("review")
    refill = bought.say("replenish")
    moved = bought.again(review)
    assert refill.due_at is not None
    assert moved.due_at is not None
    assert moved.due_at - refill.due_at >= timedelta(days=1)
    with bought.shop.work() as session:
        reasons = session.scalars(
            select(MessageShift.reason).where(MessageShift.message_id == review.id)
        ).all()
    assert "yielded" in reasons


def test_one_persons_mail_does_not_crowd_out_anothers(bought: Bought) -> None:
    bought.say("review")
    other = buy(bought.shop).say("review", key="other")
    assert other.due_at is not None
    assert other.due_at.astimezone(TOKYO).hour == 12


def cancelled(session: Session) -> dict[str, str | None]:
    rows = session.scalars(select(Message).where(Message.state == "cancelled"))
    return {row.kind: row.reason for row in rows}


def test_calling_off_an_order(bought: Bought) -> None:
    bought.say("review")
    bought.say("check-in")
    with bought.shop.work() as session:
        assert service.cancel_for_order(session, bought.order_id, "order_cancelled") == 2
        assert cancelled(session) == {"review": "order_cancelled", "check-in": "order_cancelled"}
    assert ("MessageSkipped", "order_cancelled") in kinds_in_journal(bought)


def test_calling_off_a_run(bought: Bought) -> None:
    bought.say("review", run_id=7)
    bought.say("check-in", run_id=8)
    with bought.shop.work() as session:
        assert service.cancel_run(session, 7, "run_ended") == 1
        assert cancelled(session) == {"review": "run_ended"}


def test_unsubscribing_calls_off_what_was_coming(bought: Bought, app: object) -> None:
    bought.say("review")
    bought.say("check-in")
    with bought.shop.work() as session:
        consent.unsubscribe(session, bought.customer_id, None, "one-click")
    make.settle(app)  # type: ignore[arg-type]
    with bought.shop.work() as session:
        assert cancelled(session) == {"review": "unsubscribed"}


def test_uninstalling_calls_off_everything(bought: Bought, app: object) -> None:
    bought.say("review")
    bought.say("check-in")
    with bought.shop.work() as session:
        shops.uninstall(session)
    make.settle(app)  # type: ignore[arg-type]
    with bought.shop.work() as session:
        assert cancelled(session) == {"review": "shop_inactive", "check-in": "shop_inactive"}


def test_another_shops_order_does_not_exist(bought: Bought, other_shop: make.MadeShop) -> None:
    message = Bought(other_shop, bought.order_id, bought.customer_id).say("next-steps")
    assert (message.state, message.recipient) == ("skipped", None)


def test_business_time_decides(bought: Bought, noon: datetime) -> None:
    with bought.shop.work() as session:
        assert now(session) - noon < timedelta(minutes=1)
