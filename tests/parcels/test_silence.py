"""A carrier that says nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.journal import queries as journal
from app.parcels import queries
from app.parcels.model import Parcel
from tests import make
from tests.journeys.world import World

DAY = timedelta(days=1)


@pytest.fixture
def world(app: Flask, shop: make.MadeShop) -> World:
    """The shop, with all recommended journeys on."""
    made = World(app, shop)
    made.switch_on()
    return made


def the_parcel(world: World, order: int) -> Parcel:
    """The order's one parcel."""
    with world.shop.work() as session:
        [found] = queries.parcels_of(session, order)
        return found


def deliveries(world: World, order: int) -> list[bool]:
    """The deliveries that were told, and whether each was inferred."""
    with world.shop.work() as session:
        told = journal.of_order(session, order)
        return [one.data["inferred"] for one in told if one.kind == "ParcelDelivered"]


def test_days_of_silence_are_taken_for_a_delivery_and_a_scan_corrects_it(
    world: World, app: Flask, owner: Engine
) -> None:
    order = world.place()
    shipped = world.ship(order)
    world.scan(shipped, "in_transit")
    make.travel(owner, app, 3 * DAY)
    assert the_parcel(world, order).state == "in_transit"
    make.travel(owner, app, 3 * DAY)
    guessed = the_parcel(world, order)
    assert (guessed.state, guessed.inferred) == ("delivered", True)
    assert deliveries(world, order) == [True]
    told = world.messages(order)
    # A guess is not announced, but what follows a delivery comes.
    assert "shipping:delivered" not in told
    assert "first-72-hours:start-guide" in told
    assert world.run(order, "review") is not None
    world.scan(shipped, "delivered", ago=5 * DAY)
    sure = the_parcel(world, order)
    assert (sure.state, sure.inferred) == ("delivered", False)
    assert sure.delivered_at is not None
    assert guessed.delivered_at is not None
    assert sure.delivered_at < guessed.delivered_at
    assert deliveries(world, order) == [False, True]


def test_a_word_after_the_guess_takes_it_back(world: World, app: Flask, owner: Engine) -> None:
    order = world.place()
    shipped = world.ship(order)
    make.travel(owner, app, 7 * DAY)
    assert the_parcel(world, order).inferred
    world.scan(shipped, "in_transit", ago=4 * DAY)
    assert the_parcel(world, order).inferred
    world.scan(shipped, "delayed")
    corrected = the_parcel(world, order)
    assert (corrected.state, corrected.inferred, corrected.delivered_at) == (
        "exception",
        False,
        None,
    )
    make.travel(owner, app, 30 * DAY)
    assert the_parcel(world, order).state == "exception"


def test_nobody_in_is_no_delivery(world: World, app: Flask, owner: Engine) -> None:
    order = world.place()
    world.scan(world.ship(order), "attempted_delivery")
    make.travel(owner, app, 20 * DAY)
    assert the_parcel(world, order).state == "attempted"
    assert deliveries(world, order) == []
