"""Orders enter journeys, get their messages in time, and stop when they should."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.core import clock
from app.core.clock import now
from app.core.db import unit_of_work
from app.journal.service import record
from app.journeys import queries
from app.journeys.erasure import erase_person, export_person
from app.journeys.model import JourneyRun
from app.mirror import queries as mirror
from app.mirror.events import OrderPaid, OrderPlaced
from app.mirror.model import Customer, Order
from app.reorder.events import ReorderCompleted
from app.reviews.events import ReviewSubmitted
from app.shops.events import ShopUninstalled
from app.shops.model import Shop
from tests import make
from tests.journeys.world import World

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)


def test_from_order_to_review_and_replenishment(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place()
    assert world.messages(order) == {"next-steps:thanks": ("sent", None)}
    waiting = world.run(order, "first-72-hours")
    assert waiting is not None
    assert waiting.due_at is not None

    make.travel(owner, app, timedelta(hours=24))
    assert world.messages(order)["first-72-hours:prepare"] == ("sent", None)

    parcel = world.ship(order)
    assert world.messages(order)["shipping:shipped"] == ("sent", None)
    world.scan(parcel, "out_for_delivery")
    assert world.messages(order)["shipping:out-for-delivery"] == ("sent", None)
    world.scan(parcel, "delivered")
    assert world.messages(order)["shipping:delivered"] == ("sent", None)
    shipping = world.run(order, "shipping")
    assert shipping is not None
    assert (shipping.state, shipping.end_reason) == ("done", "completed")

    make.travel(owner, app, 14 * DAY)
    told = world.messages(order)
    assert told["first-72-hours:start-guide"] == ("sent", None)
    assert told["first-72-hours:check-in"] == ("sent", None)
    assert told["review:first"] == ("sent", None)
    assert told["review:second"] == ("sent", None)
    assert told["review:last"] == ("sent", None)
    assert "replenish:remind" not in told

    make.travel(owner, app, 20 * DAY)
    assert world.messages(order)["replenish:remind"] == ("sent", None)
    replenish = world.run(order, "replenish")
    assert replenish is not None
    assert replenish.state == "scheduled"


def test_a_repeated_event_enters_once(world: World, shop: make.MadeShop) -> None:
    order = world.place()
    world.tell(OrderPlaced, order)
    with shop.work() as session:
        count = session.scalar(select(func.count()).select_from(JourneyRun))
    assert count == 2
    assert list(world.messages(order)) == ["next-steps:thanks"]


def test_cancelled_orders_get_nothing_more(world: World, app: Flask, owner: Engine) -> None:
    order = world.place()
    world.cancel(order)
    run = world.run(order, "first-72-hours")
    assert run is not None
    assert (run.state, run.end_reason) == ("cancelled", "cancelled")
    make.travel(owner, app, 5 * DAY)
    assert list(world.messages(order)) == ["next-steps:thanks"]


def test_a_scheduled_message_is_called_off_with_its_order(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place()
    world.deliver(order)
    state, _ = world.messages(order)["first-72-hours:start-guide"]
    assert state == "scheduled"
    world.refund(order, full=True)
    assert world.messages(order)["first-72-hours:start-guide"] == ("cancelled", "order_refunded")
    with shop.work() as session:
        live = session.scalars(select(JourneyRun).where(JourneyRun.state == "scheduled")).all()
    assert live == []


def test_nobody_is_told_to_prepare_for_what_is_on_its_way(
    world: World, app: Flask, owner: Engine
) -> None:
    afternoon = clock.business_now(owner).replace(hour=4, minute=0) + DAY  # 13:00 in Tokyo
    clock.shift_to(owner, afternoon)
    order = world.place()
    make.travel(owner, app, timedelta(hours=10, minutes=5))
    assert world.messages(order)["first-72-hours:prepare"] == ("scheduled", None)
    world.ship(order)
    assert world.messages(order)["first-72-hours:prepare"] == ("cancelled", "shipped_already")


def test_preparing_waits_for_the_payment(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place(financial_status="pending")
    make.travel(owner, app, DAY)
    assert list(world.messages(order)) == ["next-steps:thanks"]
    with shop.work() as session:
        session.get_one(Order, (shop.id, order)).financial_status = "paid"
    world.tell(OrderPaid, order)
    make.travel(owner, app, DAY)
    assert world.messages(order)["first-72-hours:prepare"] == ("sent", None)


def test_a_returned_product_is_not_asked_about(world: World, shop: make.MadeShop) -> None:
    order = world.place(items_given=[{"price_minor": 5000}, {"price_minor": 900}])
    world.deliver(order)
    with shop.work() as session:
        lines = sorted(run.subject for run in queries.runs_of(session, order))
    assert sum(name.startswith("line:") for name in lines) == 2
    before = world.run(order, "review")
    world.refund(order, full=False)
    review = world.run(order, "review")
    assert before is not None
    assert review is not None
    # What stayed is asked about in its place (RV-1).
    assert review.state == "scheduled"
    assert review.subject_ids["line_id"] != before.subject_ids["line_id"]
    with shop.work() as session:
        left = [
            run
            for run in queries.runs_of(session, order)
            if run.journey == "replenish" and run.state == "scheduled"
        ]
    assert len(left) == 1


def test_one_review_mail_asks_about_what_cost_most(world: World, shop: make.MadeShop) -> None:
    order = world.place(
        items_given=[
            {"price_minor": 900, "title": "ミル", "kind": "complex", "product_type": "器具"},
            {"price_minor": 5000, "title": "大袋"},
        ]
    )
    world.deliver(order)
    review = world.run(order, "review")
    assert review is not None
    with shop.work() as session:
        assert mirror.line(session, review.subject_ids["line_id"]).title == "大袋"


@pytest.mark.usefixtures("noon")
def test_the_first_answer_ends_the_request(world: World, app: Flask, owner: Engine) -> None:
    order = world.place()
    world.deliver(order)
    make.travel(owner, app, 6 * DAY)
    assert world.messages(order)["review:first"] == ("sent", None)
    run = world.run(order, "review")
    assert run is not None
    world.tell(ReviewSubmitted, order, review_id=1, stars=2, line_id=run.subject_ids["line_id"])
    ended = world.run(order, "review")
    assert ended is not None
    assert (ended.state, ended.end_reason) == ("done", "reviewed")
    make.travel(owner, app, 14 * DAY)
    assert "review:second" not in world.messages(order)


def test_gifts_are_not_reviewed(world: World) -> None:
    order = world.place(note_attributes={"ギフト包装": "希望する"})
    world.deliver(order)
    for journey in ("review", "replenish"):
        run = world.run(order, journey)
        assert run is not None
        assert (run.state, run.end_reason) == ("cancelled", "gift")
    assert world.messages(order)["shipping:delivered"] == ("sent", None)


def test_the_second_order_is_the_result_of_the_reminder(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        goods, buyer = make.product(session), make.customer(session)
    first = world.place(items=[goods], buyer=buyer)
    world.deliver(first)
    make.travel(owner, app, 25 * DAY)
    run = world.run(first, "replenish")
    assert run is not None
    assert run.state == "scheduled"
    second = world.place(items=[goods], buyer=buyer, nth=2)
    ended = world.run(first, "replenish")
    assert ended is not None
    assert (ended.state, ended.end_reason) == ("done", "bought_again")
    world.tell(ReorderCompleted, first, reorder_id=1, new_order_id=second, run_id=run.id)
    ended = world.run(first, "replenish")
    assert ended is not None
    assert ended.end_reason == "reordered"
    world.deliver(second)
    again = world.run(second, "replenish")
    assert again is not None
    assert again.state == "scheduled"


def test_digital_orders_are_guided_at_once(world: World, app: Flask, owner: Engine) -> None:
    order = world.place(
        items_given=[{"requires_shipping": False, "kind": "digital", "product_type": "講座"}]
    )
    told = world.messages(order)
    assert "first-72-hours:prepare" not in told
    assert told["first-72-hours:start-guide"][0] in ("scheduled", "sent")
    assert world.run(order, "shipping") is None
    assert world.run(order, "review") is not None
    make.travel(owner, app, 5 * DAY)
    assert world.messages(order)["first-72-hours:check-in"] == ("sent", None)


def test_test_and_counter_orders_end_at_once_and_say_why(world: World) -> None:
    for given, reason in (
        ({"test": True}, "test_order"),
        ({"source_name": "pos"}, "point_of_sale"),
    ):
        order = world.place(**given)
        run = world.run(order, "next-steps")
        assert run is not None
        assert (run.state, run.end_reason) == ("cancelled", reason)
        assert world.messages(order) == {}


def test_orders_without_an_address_say_so(world: World) -> None:
    order = world.place(buyer_given={"email": None}, email=None)
    state, reason = world.messages(order)["next-steps:thanks"]
    assert state == "skipped"
    assert reason in ("no_email", "no_address")


def test_without_consent_service_mails_go_and_marketing_says_why_not(
    world: World, app: Flask, owner: Engine
) -> None:
    order = world.place(buyer_given={"marketing_state": "not_subscribed"})
    world.deliver(order)
    make.travel(owner, app, 30 * DAY)
    told = world.messages(order)
    assert told["first-72-hours:check-in"] == ("sent", None)
    for step in ("review:first", "review:second", "review:last", "replenish:remind"):
        assert told[step] == ("skipped", "no_consent")


def test_a_delivery_overtakes_older_news(world: World) -> None:
    order = world.place()
    parcel = world.ship(order)
    world.scan(parcel, "delivered")
    world.scan(parcel, "out_for_delivery", ago=timedelta(hours=3))
    assert "shipping:out-for-delivery" not in world.messages(order)


def test_trouble_on_the_way_is_told_once(world: World) -> None:
    order = world.place()
    parcel = world.ship(order)
    world.scan(parcel, "delayed")
    world.scan(parcel, "attempted_delivery")
    world.scan(parcel, "out_for_delivery")
    world.scan(parcel, "attempted_delivery")
    told = world.messages(order)
    assert told["shipping:delayed"] == ("sent", None)
    assert told["shipping:attempted"] == ("sent", None)
    world.scan(parcel, "delivered")
    run = world.run(order, "shipping")
    assert run is not None
    assert run.end_reason == "completed"


def test_uninstalling_stops_everything_and_reinstalling_starts_with_nothing_on(
    world: World, app: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    order = world.place()
    with shop.work() as session:
        session.get_one(Shop, shop.id).uninstalled_at = now(session)
        record(session, ShopUninstalled(occurred_at=now(session)))
    make.settle(app)
    run = world.run(order, "first-72-hours")
    assert run is not None
    assert (run.state, run.end_reason) == ("cancelled", "uninstalled")
    with shop.work() as session:
        assert set(queries.switches(session).values()) == {None}
        session.get_one(Shop, shop.id).uninstalled_at = None
    make.travel(owner, app, 3 * DAY)
    assert list(world.messages(order)) == ["next-steps:thanks"]


def test_what_an_order_needs_said_waits_for_the_end_of_a_pause(
    world: World, app: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    order = world.place()
    with shop.work() as session:
        session.get_one(Shop, shop.id).paused_at = now(session)
    make.travel(owner, app, DAY)
    assert world.messages(order)["first-72-hours:prepare"] == ("scheduled", "shop_paused")
    with shop.work() as session:
        session.get_one(Shop, shop.id).paused_at = None
    world.deliver(order)
    make.travel(owner, app, 5 * DAY)
    assert world.messages(order)["first-72-hours:check-in"] == ("sent", None)


def test_a_shop_never_sees_anothers_runs(
    world: World, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    order = world.place()
    run = world.run(order, "first-72-hours")
    assert run is not None
    with unit_of_work(other_shop.id) as session:
        assert queries.runs_of(session, order) == []
        assert queries.run(session, run.id) is None
        assert set(queries.switches(session).values()) == {None}


def test_the_reminder_leaves_time_for_the_way_to_the_door(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place()
    world.deliver(order)
    with shop.work() as session:
        today = now(session).astimezone(TOKYO).date()
    run = world.run(order, "replenish")
    assert run is not None
    assert run.due_at is not None
    # A pack lasts 30 days; a week before, and the four days a parcel usually needs.
    assert run.due_at.astimezone(TOKYO).date() == today + timedelta(days=30 - 7 - 4)


def test_a_person_who_is_forgotten_gets_nothing_more(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place()
    world.deliver(order)
    with shop.work() as session:
        customer = session.get_one(Customer, (shop.id, world.customer(order)))
        exported = export_person(session, customer)
        assert {run["journey"] for run in exported} >= {"next-steps", "shipping", "review"}
        assert erase_person(session, customer) == 3
    run = world.run(order, "review")
    assert run is not None
    assert (run.state, run.end_reason) == ("cancelled", "redacted")
    state, reason = world.messages(order)["first-72-hours:start-guide"]
    assert (state, reason) == ("cancelled", "customer_erased")
    make.travel(owner, app, 4 * DAY)
    assert "first-72-hours:check-in" not in world.messages(order)
