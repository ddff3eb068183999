"""Who somebody is to the shop, asked of real orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.clock import now
from app.core.errors import NotFound
from app.core.events import Event
from app.segments import queries, rollup, service
from app.segments.model import SegmentScale
from tests import make
from tests.make import MadeShop


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_first_time_buyer_is_new(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        order = make.order(session, buyer=buyer, age=days(3))
        found = queries.profile(session, buyer.id)
    assert (found.orders, found.spent_minor, found.currency) == (1, 1980, "JPY")
    assert (found.stage, found.engagement, found.own_interval_days) == ("new", "unknown", None)
    assert found.first_order_at == found.last_order_at == order.placed_at
    assert found.rfm[0] == 5
    assert not found.top_decile


def test_three_regular_purchases_make_a_rhythm_and_the_stages_follow_it(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        sold = [make.product(session)]
        people = {}
        for name, since in (("active", 10), ("at_risk", 18), ("lapsed", 200)):
            people[name] = make.customer(session)
            for age in (since + 20, since + 10, since):
                make.order(session, buyer=people[name], items=sold, age=days(age))
        found = {name: queries.profile(session, one.id) for name, one in people.items()}
    assert {name: one.stage for name, one in found.items()} == {name: name for name in people}
    assert all(one.own_interval_days == pytest.approx(10) for one in found.values())
    assert (found["active"].rfm, found["lapsed"].rfm) == ((5, 3, 3), (2, 3, 3))


def test_what_was_cancelled_or_given_back_was_not_bought(app: Flask, shop: MadeShop) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        make.order(session, buyer=buyer, age=days(9), total_minor=5000, current_total_minor=3000)
        make.order(session, buyer=buyer, cancelled_at=now(session), nth=2)
        make.order(session, buyer=buyer, financial_status="refunded", nth=3)
        make.order(session, buyer=buyer, test=True, nth=None)
        found = queries.profile(session, buyer.id)
    assert (found.orders, found.spent_minor) == (1, 3000)


def test_orders_from_before_the_install_count_where_shopify_told_of_them(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        buyer = make.customer(session)
        make.order(session, buyer=buyer, nth=7)
        assert queries.profile(session, buyer.id).orders == 7


def test_guest_orders_and_twins_of_one_address_are_one_person_until_it_changes(
    app: Flask, shop: MadeShop
) -> None:
    with shop.work() as session:
        buyer = make.customer(session, email="Hana@example.com")
        twin = make.customer(session, email="hana@EXAMPLE.com")
        make.order(session, buyer=buyer, age=days(30))
        make.order(session, buyer=twin, age=days(20))
        make.order(
            session, buyer=twin, customer_id=None, email="HANA@example.com", age=days(10), nth=None
        )
        service.on_message_clicked(
            session, Event(occurred_at=now(session), order_id=None, customer_id=twin.id)
        )
        both = queries.profile(session, buyer.id), queries.profile(session, twin.id)
        assert both[0] == both[1]
        assert (both[0].orders, both[0].engagement) == (3, "high")
        twin.email = "someone.else@example.com"
        session.flush()
        session.expire(twin)
        assert queries.profile(session, buyer.id).orders == 2
        assert queries.profile(session, twin.id).orders == 1


def test_a_person_of_another_shop_does_not_exist(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    with shop.work() as session:
        theirs = make.customer(session).id
    with other_shop.work() as session, pytest.raises(NotFound):
        queries.profile(session, theirs)


def test_a_big_shops_scale_is_kept_and_believed_for_some_hours(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "BIG", 30)
    with shop.work() as session:
        sold = [make.product(session)]
        buyers = [make.customer(session) for _ in range(30)]
        for at, buyer in enumerate(buyers):
            make.order(session, buyer=buyer, items=sold, age=days(at), total_minor=1000 * (at + 1))
        live = queries.scale(session)
        service.measure(session)
        session.flush()
        kept = session.scalars(select(SegmentScale)).one()
        assert queries.scale(session) == live
        richest, latest = (
            queries.profile(session, buyers[29].id),
            queries.profile(session, buyers[0].id),
        )
        assert (richest.rfm[2], richest.top_decile, latest.rfm[0]) == (5, True, 5)
        assert (latest.rfm[2], latest.top_decile, richest.rfm[0]) == (1, False, 1)
        make.order(session, buyer=buyers[0], items=sold, total_minor=10**6)
        assert queries.scale(session) == live
        kept.measured_at -= queries.FRESH + timedelta(seconds=1)
        assert queries.scale(session) != live
