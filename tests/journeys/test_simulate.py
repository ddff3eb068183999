"""What imagination says is what really happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from flask import Flask
from sqlalchemy import Engine, select

from app.consent import service as consent
from app.core.clock import now
from app.journeys import people, simulate, standing
from app.journeys.definitions import presets
from app.messages.kinds import all_kinds
from app.messages.model import Message
from app.mirror.model import Customer
from app.shops.service import shop as the_shop
from tests import make
from tests.journeys.world import World

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
CHOSEN = ("next-steps", "first-72-hours", "shipping", "review", "replenish")


def really(shop: make.MadeShop, order_id: int) -> dict[str, tuple[str, datetime | None, str]]:
    """What became of each message: state, moment and reason."""
    with shop.work() as session:
        rows = session.scalars(select(Message).where(Message.order_id == order_id))
        return {
            ":".join(row.key.split(":")[::2]): (row.state, row.sent_at, row.reason or "")
            for row in rows
        }


def imagined(shop: make.MadeShop, order_id: int) -> dict[str, simulate.Told]:
    """The same in imagination."""
    with shop.work() as session:
        chosen = [presets()[key] for key in CHOSEN]
        _, found = people.replay(session, order_id, chosen)
        return {f"{one.course.definition.key}:{one.step.key}": one for one in found.told}


def agree(shop: make.MadeShop, order_id: int) -> dict[str, simulate.Told]:
    """Compare step by step, to the minute: what reality adds is the time that work takes."""
    real, told = really(shop, order_id), imagined(shop, order_id)
    # A step that is passed over says nothing: the follow-up of a reminder that nobody clicked.
    told = {key: one for key, one in told.items() if one.state != "passed"}
    assert set(real) == set(told)
    for key, (state, sent_at, reason) in real.items():
        assert (told[key].state, told[key].reason) == (state, reason), key
        assert (state == "sent") == (sent_at is not None), key
        at = told[key].at
        if sent_at is not None:
            assert at is not None, key
            assert abs(at - sent_at) < MINUTE, key
    return told


def test_a_coffee_order_is_replayed_as_it_was(
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    make.travel(owner, app, 2 * DAY)
    world.deliver(order)
    make.travel(owner, app, 60 * DAY)
    told = agree(shop, order)
    assert {"review:first", "review:second", "review:last", "replenish:remind"} <= set(told)
    assert any(one.shifts for one in told.values())


def test_who_did_not_agree_and_who_was_refunded_are_replayed_too(
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    silent = world.place(buyer_given={"marketing_state": "not_subscribed"})
    refunded = world.place()
    world.deliver(silent)
    world.deliver(refunded)
    make.travel(owner, app, 9 * DAY)
    world.refund(refunded, full=True)
    make.travel(owner, app, 40 * DAY)
    told = agree(shop, silent)
    assert told["review:first"].reason == "no_consent"
    given_back = set(agree(shop, refunded))
    assert "review:second" in given_back
    assert "review:last" not in given_back


def test_two_orders_of_one_person_share_the_arbiter(
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    first = world.place()
    with shop.work() as session:
        buyer = session.get_one(Customer, (shop.id, world.customer(first)))
    world.deliver(first)
    second = world.place(buyer=buyer, nth=2)
    world.deliver(second)
    make.travel(owner, app, 45 * DAY)
    told = [*agree(shop, first).values(), *agree(shop, second).values()]
    moved = {shift.reason for one in told for shift in one.shifts}
    assert {"cap_per_day", "cap_per_week"} <= moved
    selling = sorted(
        t.at
        for t in told
        if t.state == "sent" and t.at and t.kind and t.kind.message_class == "marketing"
    )
    assert len(selling) > 4
    assert all(later - one >= DAY for one, later in pairwise(selling))
    assert all(later - one >= 7 * DAY for one, later in zip(selling, selling[2:], strict=False))


def test_an_order_nobody_scanned_is_imagined_as_expected(world: World, shop: make.MadeShop) -> None:
    told = imagined(shop, world.place())
    assert told["first-72-hours:check-in"].expected
    assert told["shipping:delivered"].expected
    assert not told["next-steps:thanks"].expected
    assert "shipping:delayed" not in told


def test_consent_read_for_many_is_what_it_is_for_one(app: Flask, shop: make.MadeShop) -> None:
    """Whatever people decided, here or at Shopify, for all or for one topic."""
    with shop.work() as session:
        buyers = [
            make.customer(session, marketing_state=state, country=country)
            for state in ("subscribed", "not_subscribed", "unsubscribed", "pending")
            for country in ("JP", "DE", "US", None)
        ]
        for number, buyer in enumerate(buyers * 3):
            if number % 3:
                topic = ("marketing", "reviews", "replenishment")[number % 7 % 3]
                consent.grant(
                    session,
                    buyer.id,
                    channel="email",
                    topic=topic,
                    source="test",
                    occurred_at=now(session) - timedelta(hours=number),
                )
            if number % 5 == 0:
                consent.unsubscribe(session, buyer.id, buyer.email, "test")
            if number % 11 == 0:
                consent.suppress(
                    session, channel="email", address=buyer.email or "", reason="hard_bounce"
                )
        session.flush()
        ledger = standing.read(
            session, the_shop(session), [b.id for b in buyers], [b.email or "" for b in buyers]
        )
        for buyer in buyers:
            asked = standing.reach(ledger, buyer, buyer.email or "").refusal
            for kind in all_kinds().values():
                assert asked(kind) == consent.may_send(
                    session,
                    buyer,
                    address=buyer.email or "",
                    channel="email",
                    message_class=kind.message_class,
                    topic=kind.topic,
                ), (buyer.marketing_state, buyer.country, kind.name)


def test_what_stays_after_a_refund_in_part_is_replayed_too(
    app: Flask, owner: Engine, world: World, shop: make.MadeShop
) -> None:
    with_two = [{}, {"title": "こもれびマグ", "product_type": "Mug", "kind": "standard"}]
    order_id = world.place(items_given=with_two)
    make.travel(owner, app, DAY)
    world.deliver(order_id)
    make.travel(owner, app, DAY)
    world.refund(order_id, full=False)
    make.travel(owner, app, 20 * DAY)
    told, real = imagined(shop, order_id)["review:first"], really(shop, order_id)["review:first"]
    assert told.course.product == "こもれびマグ"
    assert told.state == real[0] == "sent"
    assert real[1] is not None
    assert told.at is not None
    assert abs(told.at - real[1]) < MINUTE
