"""Deferred, then asked: whoever complained is asked for a review in the end (rules.md RV-1)."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select

from app.consent import service as consent
from app.messages.model import Message
from tests import make
from tests.journeys.world import World

DAY = timedelta(days=1)


def test_a_long_complaint_defers_the_request_past_the_journeys_patience(
    world: World, app: Flask, shop: make.MadeShop, owner: Engine
) -> None:
    order = world.place()
    world.deliver(order)
    with shop.work() as session:
        consent.hold(session, customer_id=world.customer(order), reason="complaint")
    make.travel(owner, app, 90 * DAY)
    assert world.messages(order)["review:first"] == ("scheduled", "held")
    with shop.work() as session:
        consent.release(session, customer_id=world.customer(order), reason="complaint")
    make.travel(owner, app, 10 * DAY)
    told = world.messages(order)
    assert {told[f"review:{step}"] for step in ("first", "second", "last")} == {("sent", None)}
    with shop.work() as session:
        asked = session.scalars(
            select(Message.sent_at).where(Message.journey == "review").order_by(Message.sent_at)
        ).all()
    first, second, last = (moment for moment in asked if moment is not None)
    assert second - first > 2 * DAY
    assert last - first > 6 * DAY
