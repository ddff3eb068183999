"""Dry runs in parts: however they are cut and whoever walks them, the figures are the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text

from app.core import claim
from app.journeys import dryrun, jobs, tally
from app.journeys.model import DryRun, DryRunPart
from tests import make, sign

DAY = timedelta(days=1)
EN = {"Okaeri-Locale": "en"}
#: Those that meet in one mailbox.
JOURNEYS = ["next-steps", "first-72-hours", "review", "replenish", "cross-sell", "win-back"]
ADDRESS = "/app/journeys/dry-run"


@pytest.fixture
def sold(shop: make.MadeShop) -> make.MadeShop:
    """A shop with orders of customers and guests, some of whom came back."""
    with shop.work() as session:
        buyers = [make.customer(session) for _ in range(4)]
        buyers.append(make.customer(session, marketing_state="not_subscribed"))
        for number, buyer in enumerate(buyers):
            for age in range(2 + number, 95, 25 + 9 * number):
                make.order(session, buyer=buyer, age=age * DAY)
        for age in (5, 33, 91):
            make.order(session, age=age * DAY, customer_id=None)
    return shop


def asked_for(shop: make.MadeShop, until: datetime | None = None) -> tuple[int, datetime]:
    with shop.work() as session:
        asked = dryrun.ask(session, JOURNEYS, sign.STAFF)
        if until is not None:
            asked.since, asked.until = until - dryrun.SPAN, until
        return asked.id, asked.until


def state(shop: make.MadeShop, run_id: int) -> str:
    with shop.work() as session:
        return dryrun.state_of(session, dryrun.one(session, run_id))


def walk(app: Flask, shop: make.MadeShop, run_id: int, most: int = 99) -> None:
    """Answer the bell until there is nothing to do, as one worker."""
    with app.app_context():
        for _ in range(most):
            if state(shop, run_id) == "running":
                jobs.imagine()


def found(shop: make.MadeShop, run_id: int) -> dict[str, Any]:
    with shop.work() as session:
        asked = dryrun.one(session, run_id)
        assert asked.done == asked.total
        counted: dict[str, Any] = msgspec.to_builtins(tally.load(asked.result))
        return counted


def test_however_it_is_cut_and_whoever_dies_the_figures_are_the_same(
    app: Flask, sold: make.MadeShop, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in one part; then in many, of which few are due at a time, walked by three workers side
    by side, after a fourth was killed with a part in its hands."""
    whole, until = asked_for(sold)
    walk(app, sold, whole)
    monkeypatch.setattr(dryrun, "SLICE", 2)
    monkeypatch.setattr(dryrun, "AT_ONCE", 3)
    run_id, _ = asked_for(sold, until)
    jobs.imagine()
    assert len(claim.claim(DryRunPart, limit=1)) == 1
    with ThreadPoolExecutor(3) as workers:
        for done in [workers.submit(walk, app, sold, run_id, most=20) for _ in range(3)]:
            done.result()
    assert state(sold, run_id) == "running"
    with owner.begin() as connection:
        connection.execute(text("UPDATE dry_run_parts SET lease_until = now() - interval '1 s'"))
    jobs.sweep()
    walk(app, sold, run_id)
    expected = found(sold, whole)
    assert found(sold, run_id) == expected
    assert expected["orders"] > 12
    assert sum(expected["moved"].values()) > 0
    with sold.work() as session:
        parts = session.scalars(select(DryRunPart.people).order_by(DryRunPart.id)).all()
        # The first is the one that was not cut; nobody is torn apart, nobody left out.
        assert parts[0] == sum(parts[1:]) == expected["people"]
        assert len(parts) > 5


def test_a_shop_without_orders_is_done_at_once(app: Flask, shop: make.MadeShop) -> None:
    run_id, _ = asked_for(shop)
    jobs.imagine()
    assert state(shop, run_id) == "done"
    assert found(shop, run_id)["people"] == 0


def test_what_nobody_could_walk_is_said(
    client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    with shop.work() as session:
        make.order(session, age=DAY)
    run_id, _ = asked_for(shop)
    with shop.work() as session:
        dryrun.cut(session, dryrun.one(session, run_id))
    with owner.begin() as connection:
        connection.execute(text("UPDATE dry_run_parts SET state = 'failed'"))
    page = client.get(f"{ADDRESS}/{run_id}", headers=sign.admin(shop.domain, **EN)).text
    assert 'data-state="failed"' in page
    assert "broke off" in page
    assert "broken off" in client.get(ADDRESS, headers=sign.admin(shop.domain, **EN)).text


def test_an_older_result_makes_room_with_its_parts(
    shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dryrun, "KEPT", 1)
    with shop.work() as session:
        make.order(session, age=DAY)
    for _ in range(2):
        newest, _until = asked_for(shop)
        with shop.work() as session:
            dryrun.cut(session, dryrun.one(session, newest))
    with shop.work() as session:
        assert session.scalars(select(DryRun.id)).all() == [newest]
        assert session.scalars(select(DryRunPart.dry_run_id)).all() == [newest]


def test_the_page_is_easy_to_read_and_blames_the_right_thing(
    client: FlaskClient, app: Flask, shop: make.MadeShop
) -> None:
    """A coffee of five days ago does not run out within the span; that is no matter of clicks."""
    with shop.work() as session:
        make.order(session, buyer=make.customer(session), age=5 * DAY)
    run_id, _ = asked_for(shop)
    walk(app, shop, run_id)
    with shop.work() as session:
        asked = dryrun.one(session, run_id)
        counted = tally.load(asked.result)
        # As many as only a bigger shop has.
        counted.orders, counted.skipped["no_consent"] = 23_456, 7_890
        asked.result = msgspec.to_builtins(counted)
    english, japanese = (
        client.get(f"{ADDRESS}/{run_id}", headers=sign.admin(shop.domain, **language)).text
        for language in (EN, {})
    )
    assert "<dd>23,456</dd>" in english
    assert "<dd>23,456</dd>" in japanese
    assert "7,890 left out" in english
    assert "7,890通" in japanese
    assert "Its first message would leave later than these 90 days reach." in _row(
        english, NAMES[0]
    )
    assert "click" not in _row(english, NAMES[0])
    assert "この90日間より後になります" in _row(japanese, NAMES[1])


NAMES = ("Running low", "そろそろなくなる頃のご案内")


def _row(page: str, journey: str) -> str:
    """A journey's row of the table."""
    table = page.split('data-testid="dry-run-journeys"')[1]
    return table.split(f'<th scope="row">{journey}')[1].split("</tr>")[0]
