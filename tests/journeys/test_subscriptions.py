"""What comes by itself: thanked for once a year, and reminded of by nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.channels.memory import MemoryChannel
from app.core.clock import now
from app.journeys.people import replay
from app.journeys.queries import presets
from app.mirror import subscriptions
from app.mirror.events import SubscriptionOrdered
from app.mirror.model import Customer, Order, OrderLine, Product, Variant
from tests import make, sign
from tests.journeys.world import World

HALF_A_YEAR = timedelta(days=183)
JOURNEY = "subscription-anniversary"
EN = {"Okaeri-Locale": "en"}


def subscribe(world: World, name: str = "半年ごとのお届け", **given: Any) -> int:
    """An order of one product as a subscription, after Shopify was asked about it."""
    order = world.place(**given)
    with world.shop.work() as session:
        line = session.scalars(select(OrderLine).where(OrderLine.order_id == order)).one()
        line.plan_name, line.plan_kind, line.plan_days = name, "subscription", 183
    world.tell(SubscriptionOrdered, order)
    return order


def again(world: World, order: int) -> dict[str, Any]:
    """The same buyer and the same product."""
    with world.shop.work() as session:
        first = session.get_one(Order, (world.shop.id, order))
        line = session.scalars(select(OrderLine).where(OrderLine.order_id == order)).one()
        sold = session.scalars(
            select(Product).where(Product.shopify_id == line.product_shopify_id)
        ).one()
        variant = session.scalars(select(Variant).where(Variant.product_id == sold.id)).one()
        buyer = session.get_one(Customer, (world.shop.id, first.customer_id))
        session.expunge_all()
    return {"buyer": buyer, "items": [(sold, variant)], "nth": 2}


def test_a_running_subscription_is_thanked_for_every_year(
    app: Flask, owner: Engine, shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    world = World(app, shop)
    world.switch_on(JOURNEY, "review")
    first, plain = subscribe(world), world.place()
    assert world.run(plain, JOURNEY) is None
    make.travel(owner, app, HALF_A_YEAR)
    renewal = subscribe(
        world, **again(world, first), source_name="subscription_contract_checkout_one"
    )
    # One anniversary a person; and what came by itself is not asked about with every parcel.
    for journey, why in ((JOURNEY, "on_the_way"), ("review", "only:not renewal")):
        if journey == "review":
            world.deliver(renewal)
        run = world.run(renewal, journey)
        assert run is not None
        assert run.end_reason == why
    with shop.work() as session:
        history, imagined = replay(session, first, [presets()[JOURNEY]])
        [told] = imagined.told
        day = history.order.placed_at + timedelta(days=365)
        assert abs(told.at - day) < timedelta(days=2)
    make.travel(owner, app, HALF_A_YEAR)
    assert world.messages(first) == {f"{JOURNEY}:thanks": ("sent", None)}
    mail = mailbox.sent[-1]
    assert "定期購入1年の御礼" in mail.headers["Subject"]
    assert "お休みしたい" in mail.plain
    # No order has come since: whoever gave it up is not thanked for keeping it.
    make.travel(owner, app, 2 * HALF_A_YEAR)
    run = world.run(first, JOURNEY)
    assert run is not None
    assert run.steps["thanks#1"]["outcome"] == "passed"
    assert len(world.messages(first)) == 1


def test_what_comes_by_itself_is_not_offered_again(
    app: Flask, client: FlaskClient, owner: Engine, shop: make.MadeShop
) -> None:
    world = World(app, shop)
    world.switch_on("replenish")
    order = subscribe(world)
    # The same bag once more, in between: it comes by itself all the same.
    extra = world.place(**again(world, order))
    other = world.place()
    for one in (order, extra, other):
        world.deliver(one)
    make.travel(owner, app, timedelta(days=32))
    assert "replenish:remind" in world.messages(other)
    for one in (order, extra):
        assert "replenish:remind" not in world.messages(one)
    with shop.work() as session:
        hours = [presets()["first-72-hours"]]
        told = {one: {s.step.key for s in replay(session, one, hours)[1].told if s.state == "sent"}
                for one in (order, extra)}  # fmt: skip
    # Whoever has had it before needs no guide, but is asked how it is.
    assert told[order] - told[extra] == {"start-guide"}
    assert "check-in" in told[extra]
    refused, passed = world.run(order, "replenish"), world.run(extra, "replenish")
    assert refused is not None
    assert passed is not None
    assert refused.end_reason == "only:not subscription"
    assert passed.steps["remind"]["outcome"] == "passed"
    page = client.get(f"/app/orders/{order}", headers=sign.admin(shop.domain, **EN)).text
    assert "not for what was bought as a subscription" in page


def test_a_subscription_is_known_by_its_orders(shop: make.MadeShop) -> None:
    with shop.work() as session:
        at = now(session)
    month = timedelta(days=30)
    placed = [at - n * month for n in (14, 13, 4, 3, 2, 1)]
    found = subscriptions.following([(one, None) for one in placed])
    assert found is not None
    # Nine months without an order: it began anew.
    assert (found.since, found.every_days) == (at - 4 * month, 30)
    assert found.runs(at)
    assert not found.runs(at + month)
    alone = subscriptions.following([(at, None)])
    assert alone is not None
    assert not alone.runs(at)
    assert subscriptions.following([]) is None
