"""A carrier that says nothing more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.channels.memory import MemoryChannel
from app.consent import queries as consent
from app.core.clock import now
from app.journal import queries as journal
from app.parcels import expectations, queries
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
    world.scan(shipped, "carrier_picked_up")
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


def holds(world: World, order: int) -> list[str]:
    """Why nothing is sold to the order's buyer now."""
    with world.shop.work() as session:
        return [one.reason for one in consent.holds(session, world.customer(order))]


def told_days(world: World, order: int) -> list[tuple[str, date, date]]:
    """What was promised, and why."""
    with world.shop.work() as session:
        return [(one.reason, one.first, one.last) for one in expectations.said(session, order)]


def test_a_carrier_that_falls_silent_is_a_delay_that_is_told_once_and_holds_what_sells(
    world: World, app: Flask, owner: Engine, mailbox: MemoryChannel
) -> None:
    order = world.place()
    shipped = world.ship(order)
    world.scan(shipped, "in_transit")
    make.travel(owner, app, 4 * DAY)
    late = the_parcel(world, order)
    assert (late.state, late.inferred) == ("exception", False)
    assert late.trouble in ("stalled", "overdue")
    assert world.messages(order)["shipping:delayed"][0] == "sent"
    # Nobody reported it to us, and the mail does not say so.
    [told] = [one for one in mailbox.sent if "遅延" in one.headers["Subject"]]
    assert "更新が途絶えている" in told.plain
    assert "連絡がございました" not in told.plain
    assert holds(world, order) == ["delay"]
    # What was promised before is kept, and the new day lies ahead of the moment it was said.
    reasons = [reason for reason, _, _ in told_days(world, order)]
    assert reasons == ["ordered", "shipped", late.trouble]
    assert late.expected_from is not None
    assert late.trouble_at is not None
    assert late.expected_from > late.trouble_at.date()

    make.travel(owner, app, 4 * DAY)
    world.scan(shipped, "in_transit")
    moving = the_parcel(world, order)
    assert (moving.state, moving.trouble) == ("in_transit", None)
    assert holds(world, order) == []
    # The promise that was made meanwhile is not taken back in silence.
    assert moving.expected_to == late.expected_to
    world.scan(shipped, "delivered")
    assert the_parcel(world, order).state == "delivered"
    with world.shop.work() as session:
        kinds = [one.kind for one in journal.of_order(session, order)]
    assert kinds.count("ParcelDelayed") == 1
    assert kinds.count("ParcelMovedOn") == 1


def test_what_is_late_and_never_heard_of_counts_as_delivered_after_weeks(
    world: World, app: Flask, owner: Engine
) -> None:
    order = world.place()
    world.scan(world.ship(order), "in_transit")
    make.travel(owner, app, 10 * DAY)
    assert the_parcel(world, order).state == "exception"
    make.travel(owner, app, 25 * DAY)
    guessed = the_parcel(world, order)
    assert (guessed.state, guessed.inferred, guessed.trouble) == ("delivered", True, None)


def test_the_day_a_buyer_chose_is_the_day_that_is_promised(
    world: World, app: Flask, owner: Engine
) -> None:
    with world.shop.work() as session:
        chosen = now(session).date() + timedelta(days=9)
    order = world.place(note_attributes={"お届け日": chosen.isoformat()})
    world.scan(world.ship(order), "in_transit")
    assert [days for _, *days in told_days(world, order)] == [[chosen, chosen]] * 2
    # It waits for its day: that is no delay.
    make.travel(owner, app, 7 * DAY)
    assert the_parcel(world, order).state == "in_transit"


def test_a_shop_learns_from_its_own_parcels(world: World, app: Flask, owner: Engine) -> None:
    for _number in range(3):
        sent = world.ship(world.place())
        make.travel(owner, app, timedelta(hours=1))
        world.scan(sent, "delivered")
    with world.shop.work() as session:
        before = expectations.promise(session).transit
        assert expectations.learn(session) == 4
        order = make.order(session)
        # Three parcels that arrived the same day are heard, and do not decide alone.
        assert before == (1, 2)
        assert expectations.promise(session, order, "yamato").transit == (0, 2)
        # Nobody has taught us the way to another country.
        abroad = make.order(session, shipping_address={"country_code": "US"})
        assert expectations.promise(session, abroad).transit[0] >= 5
