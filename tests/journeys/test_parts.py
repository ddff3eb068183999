"""Orders that come, and go back, in parts: what is said of a line counts from its own parcel."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select

from app.journeys import people
from app.journeys.library import definitions
from app.journeys.model import JourneyRun
from app.mirror import queries as mirror
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
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    order_id = world.place(items_given=TWO)
    first, second = parts(shop, order_id)
    world.scan(world.ship(order_id, first), "delivered")
    make.travel(owner, app, 10 * DAY)
    world.scan(world.ship(order_id, second), "delivered")
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
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    order_id = world.place(items_given=TWO)
    first, second = parts(shop, order_id)
    world.scan(world.ship(order_id, first), "delivered")
    world.refund(order_id, full=False)
    make.travel(owner, app, 10 * DAY)
    assert "review:first" not in world.messages(order_id)
    world.scan(world.ship(order_id, second), "delivered")
    make.travel(owner, app, 5 * DAY)
    # Coffee is known after four days and a night's rest.
    assert world.messages(order_id)["review:first"][0] == "sent"
