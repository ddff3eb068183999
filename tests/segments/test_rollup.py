"""A big shop's people are kept ready, and say what its orders say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.clock import now
from app.core.events import Event
from app.mirror.events import OrderCancelled, OrderPlaced
from app.mirror.model import Customer
from app.segments import queries, rollup, service
from app.segments.model import SegmentPerson
from app.segments.selection import Conditions, Selection, select_people
from tests import make
from tests.make import MadeShop

WANTED = [
    Conditions(),
    *(Conditions(stage=stage) for stage in ("new", "active", "at_risk", "lapsed")),
    *(Conditions(engagement=level) for level in ("high", "normal", "low", "unknown")),
    Conditions(orders=2),
    Conditions(recency=4, frequency=2),
    Conditions(monetary=4),
    Conditions(product_type="Mug"),
    Conditions(place="US", language="en"),
    Conditions(region="calif"),
    *(Conditions(region=code) for code in ("US-OR", "JP-13", "JP-14")),
    Conditions(stage="lapsed", engagement="low", product_type="Mug"),
]


@pytest.fixture
def busy(app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch) -> MadeShop:
    """A shop that counts as big: rhythms, twins of one address, guests, clicks, cancelled orders
    and somebody who never bought."""
    monkeypatch.setattr(rollup, "BIG", 3)
    with shop.work() as session:
        coffee, mug = make.product(session), make.product(session, product_type="Mug")
        regular = make.customer(session, email="one@example.jp")
        twin = make.customer(session, email="ONE@example.jp", locale="en-US")
        for age in (90, 60, 30):
            make.order(session, buyer=regular, items=[coffee], age=timedelta(days=age))
        make.order(session, buyer=twin, items=[mug], age=timedelta(days=2))
        make.order(
            session, customer_id=None, email="One@example.jp", items=[mug], age=timedelta(days=1)
        )
        for age in range(20, 400, 40):
            gone = make.customer(session, country="US", locale="en")
            state = ("California", "CA") if age % 80 else ("Oregon", "OR")
            place = dict(zip(("province", "province_code"), state, strict=True))
            place["country_code"] = "US"
            ordered = make.order(
                session, buyer=gone, items=[coffee, mug][age % 3 :][:1] or [mug],
                age=timedelta(days=age), shipping_address=place, total_minor=1000 * age,
            )  # fmt: skip
            if age > 300:
                ordered.cancelled_at = ordered.placed_at
            service.on_message_clicked(
                session, Event(occurred_at=now(session) - timedelta(days=age), customer_id=gone.id)
            )
        make.customer(session)
    return shop


def asked(shop: MadeShop) -> list[Selection]:
    with shop.work() as session:
        return [select_people(session, wanted) for wanted in WANTED]


def counts(found: list[Selection]) -> list[tuple[int, int, list[int]]]:
    return [(one.count, one.everyone, [who.customer_id for who in one.sample]) for one in found]


def both_ways(shop: MadeShop, monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """What the kept rows say, which is what the orders say."""
    kept = asked(shop)
    with monkeypatch.context() as patch, shop.work() as session:
        scale = queries.scale(session)
        patch.setattr(queries, "kept_scale", lambda _session: None)
        patch.setattr(queries, "scale", lambda _session: scale)
        assert asked(shop) == kept
    return kept


def test_what_is_kept_says_what_the_orders_say_and_moves_with_them(
    busy: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = asked(busy)
    with busy.work() as session:
        service.measure(session)
        assert session.scalars(select(SegmentPerson)).all()
    assert counts(both_ways(busy, monkeypatch)) == counts(live)
    assert len({one.count for one in live}) > 4
    with busy.work() as session:
        buyer = session.scalars(select(Customer).order_by(Customer.id.desc()).limit(1)).one()
        first = make.order(session, buyer=buyer, items=[make.product(session)])
        service.on_order_changed(
            session,
            OrderPlaced(
                occurred_at=now(session), order_id=first.id, customer_id=buyer.id, first=True
            ),
        )
        guest = make.order(session, customer_id=None, email="one@EXAMPLE.jp")
        service.on_order_changed(
            session,
            OrderPlaced(occurred_at=now(session), order_id=guest.id, first=False),
        )
    after = both_ways(busy, monkeypatch)
    assert after[0].everyone == live[0].everyone + 1
    with busy.work() as session:
        again = session.merge(first)
        again.cancelled_at = now(session)
        session.flush()
        service.on_order_changed(
            session,
            OrderCancelled(occurred_at=now(session), order_id=first.id, customer_id=buyer.id),
        )
    assert both_ways(busy, monkeypatch)[0].everyone == live[0].everyone


def test_a_rebuild_sees_what_no_event_told_and_a_small_shop_keeps_nobody(
    busy: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy.work() as session:
        service.measure(session)
        one = session.scalars(select(Customer).where(Customer.email == "one@example.jp")).one()
        one.email = "elsewhere@example.jp"
    with busy.work() as session:
        service.measure(session)
    both_ways(busy, monkeypatch)
    monkeypatch.setattr(rollup, "BIG", 1000)
    with busy.work() as session:
        service.measure(session)
        assert session.scalars(select(SegmentPerson)).all() == []
        assert queries.kept_scale(session) is None
