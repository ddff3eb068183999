"""Orders that come, and go back, in parts: what is said of a line counts from its own parcel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.consent import service as consent
from app.journeys import mutes, people, service
from app.journeys.library import definitions
from app.journeys.model import JourneyRun
from app.journeys.service import ending
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.events import ReturnMoved
from app.replenishment import service as replenishment
from tests import make
from tests.journeys.world import World

DAY = timedelta(days=1)
TWO = [{"price_minor": 5000}, {"price_minor": 900}]


def parts(shop: make.MadeShop, order_id: int) -> list[list[dict[str, int]]]:
    """The contents of a parcel for each line."""
    with shop.work() as session:
        lines = mirror.order_lines(session, order_id)
    return [[{"line_shopify_id": line.shopify_id, "quantity": 1}] for line in lines]


def test_what_came_later_is_used_up_later(
    app: Flask, owner: Engine, trial: World, shop: make.MadeShop
) -> None:
    trial.switch_on("replenish")
    order_id = trial.place(items_given=TWO)
    first, second = parts(shop, order_id)
    trial.scan(trial.ship(order_id, first), "delivered")
    make.travel(owner, app, 10 * DAY)
    trial.scan(trial.ship(order_id, second), "delivered")
    with shop.work() as session:
        lines = mirror.order_lines(session, order_id)
        days = [replenishment.run_out(session, order_id, line) for line in lines]
        runs = session.scalars(
            select(JourneyRun.due_at)
            .where(JourneyRun.journey == "replenish")
            .order_by(JourneyRun.id)
        ).all()
        told = people.replay(session, order_id, [definitions(session)["replenish"]])[1].told
    assert [later - day for day, later in (days, runs) if day and later] == [10 * DAY] * 2
    assert sorted(one.wanted for one in told if one.step.key == "remind") == list(runs)


def test_nobody_is_asked_about_what_has_not_arrived(
    app: Flask, owner: Engine, trial: World, shop: make.MadeShop
) -> None:
    trial.switch_on("review")
    order_id = trial.place(items_given=TWO)
    first, second = parts(shop, order_id)
    trial.scan(trial.ship(order_id, first), "delivered")
    trial.refund(order_id, full=False)
    make.travel(owner, app, 10 * DAY)
    assert "review:first" not in trial.messages(order_id)
    trial.scan(trial.ship(order_id, second), "delivered")
    make.travel(owner, app, 6 * DAY)
    # Coffee is known after five days and a night's rest.
    assert trial.messages(order_id)["review:first"][0] == "sent"


def test_what_stays_is_asked_about_though_the_request_for_the_other_was_waiting(
    app: Flask, owner: Engine, noon: datetime, trial: World, shop: make.MadeShop
) -> None:
    trial.switch_on("review")
    order_id = trial.place(items_given=TWO)
    buyer = trial.customer(order_id)
    trial.deliver(order_id)
    with shop.work() as session:
        consent.hold(session, customer_id=buyer, order_id=order_id, reason="return")
    make.travel(owner, app, 5 * DAY)
    assert trial.messages(order_id)["review:first"] == ("scheduled", "held")
    trial.refund(order_id, full=False)
    with shop.work() as session:
        consent.release(session, customer_id=buyer, order_id=order_id, reason="return")
    make.travel(owner, app, 2 * DAY)
    with shop.work() as session:
        kept = mirror.order_lines(session, order_id)[1]
        asked = session.scalars(
            select(Message.subject_ids).where(Message.kind == "review", Message.state == "sent")
        ).all()
    assert [ids["line_id"] for ids in asked] == [kept.id]
    assert trial.messages(order_id)["review:first"] == ("cancelled", "line_refunded")


@pytest.mark.parametrize("why", ["muted", "switched", "stopped"])
def test_a_return_that_is_called_off_brings_back_nothing_the_shop_has_ended(
    app: Flask, owner: Engine, world: World, shop: make.MadeShop, why: str
) -> None:
    order_id = world.place(items_given=TWO)
    buyer = world.customer(order_id)
    with shop.work() as session:
        for run in ending.live(session, JourneyRun.order_id == order_id, journey="first-72-hours"):
            ending.end(session, run, "refunded")
        if why == "muted":
            mutes.mute(session, buyer, "*", "1")
        elif why == "switched":
            service.switch_off(session, "first-72-hours")
        else:
            service.stop_by_hand(session, order_id)
    make.travel(owner, app, timedelta(minutes=1))
    if why == "switched":
        world.switch_on("first-72-hours")
    world.tell(ReturnMoved, order_id, return_id=1, status="canceled", before="open")
    run = world.run(order_id, "first-72-hours")
    assert run is not None
    assert run.state == "cancelled"
