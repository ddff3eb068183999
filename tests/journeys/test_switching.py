"""What a journey's switch reaches: orders after it, and what was on its way."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select

from app.journeys import queries, service
from app.journeys.definitions import preset_text
from app.messages import queries as messages
from app.messages.model import Message
from tests import make
from tests.journeys.world import World

DAY = timedelta(days=1)


def test_nothing_for_an_order_placed_before_the_switch(world: World) -> None:
    order = world.place(age=timedelta(hours=1))
    assert world.messages(order) == {}
    for journey in ("next-steps", "first-72-hours"):
        run = world.run(order, journey)
        assert run is not None
        assert (run.state, run.end_reason) == ("cancelled", "before_switch_on")


def test_a_journey_that_is_off_has_no_run(app: Flask, shop: make.MadeShop) -> None:
    world = World(app, shop)
    world.switch_on("first-72-hours")
    order = world.place()
    assert world.run(order, "next-steps") is None
    assert world.run(order, "first-72-hours") is not None
    assert world.messages(order) == {}


def test_switching_off_ends_what_was_on_the_way(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    order = world.place()
    with shop.work() as session:
        service.switch_off(session, "first-72-hours")
        assert queries.switches(session)["first-72-hours"] is None
    run = world.run(order, "first-72-hours")
    assert run is not None
    assert (run.state, run.end_reason) == ("cancelled", "switched_off")
    with shop.work() as session:
        service.switch_on(session, "first-72-hours")
    make.travel(owner, app, 5 * DAY)
    assert list(world.messages(order)) == ["next-steps:thanks"]


def test_no_letter_promises_a_guide_that_is_switched_off(
    world: World, app: Flask, owner: Engine, shop: make.MadeShop
) -> None:
    def prepared() -> str:
        order = world.place(nth=2)
        make.travel(owner, app, timedelta(hours=23))
        with shop.work() as session:
            message = session.scalars(
                select(Message).where(Message.order_id == order, Message.kind == "prepare")
            ).one()
            content = messages.open_message(session, message.id).content
            assert content is not None
            return content.plain.decode()

    promise = "お届け後に、使い方のご案内をメールでお送りいたします。"
    assert promise in prepared()
    text = preset_text("first-72-hours")
    with shop.work() as session:
        off = text.replace('key = "start-guide"', 'key = "start-guide"\noff = true')
        service.publish(session, "first-72-hours", off, "7", move_running=False)
    assert promise not in prepared()


def test_switching_on_twice_keeps_the_first_moment(
    world: World, owner: Engine, app: Flask, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        before = queries.switches(session)["review"]
    make.travel(owner, app, DAY)
    with shop.work() as session:
        assert service.switch_on(session, "review") == before
