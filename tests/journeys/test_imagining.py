"""The pages of imagination: replay and dry run."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.guides.model import Guide
from app.journeys import dryrun, tally
from app.journeys.definitions import presets
from app.journeys.model import JourneyRun
from app.journeys.service import switch_on
from app.messages.model import Message
from app.parcels.model import Parcel
from tests import make, sign
from tests.messages.conftest import buy

EN = {"Okaeri-Locale": "en"}
DAY = timedelta(days=1)
CHOSEN = ["next-steps", "first-72-hours", "review", "replenish", "gift-guide"]


def past(shop: make.MadeShop, *ages: int, **given: object) -> list[int]:
    """Orders of one buyer, so many days ago."""
    with shop.work() as session:
        buyer = make.customer(session, **given)
        return [make.order(session, buyer=buyer, age=age * DAY, nth=1).id for age in ages]


def nothing_was_written(shop: make.MadeShop) -> bool:
    with shop.work() as session:
        rows = [session.scalar(select(func.count()).select_from(t)) for t in (Message, JourneyRun)]
        return rows == [0, 0]


def test_a_past_order_is_replayed_without_sending_anything(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    order, *_ = past(shop, 60)
    choice = client.get("/app/journeys/replay", headers=sign.admin(shop.domain, **EN))
    assert f'href="/app/journeys/replay/{order}"' in choice.text
    page = client.get(
        f"/app/journeys/replay/{order}?journey=review&journey=replenish",
        headers=sign.admin(shop.domain, **EN),
    )
    assert page.status_code == 200
    states = re.findall(r'data-testid="imagined" data-state="(\w+)"', page.text)
    # Three requests and the reminder; nobody clicked, so it is not followed up.
    assert states == ["sent"] * 4 + ["passed"]
    assert "Review request (last)" in page.text
    assert re.search(r"Does not apply.*Only for: when a link of “.+” was followed", page.text, re.S)
    assert "Running low" in page.text
    assert "What happens next" not in page.text.split("replay-calendar")[1]
    japanese = client.get(f"/app/journeys/replay/{order}", headers=sign.admin(shop.domain))
    assert "実際には何も送信していません" in japanese.text
    assert nothing_was_written(shop)


def test_a_replay_takes_the_journeys_that_are_on_and_says_which_are_off(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    order, *_ = past(shop, 60)
    staff = sign.admin(shop.domain, **EN)
    with shop.work() as session:
        switch_on(session, "next-steps")
        switch_on(session, "shipping")
    usual = client.get(f"/app/journeys/replay/{order}", headers=staff).text
    calendar = usual.split("replay-calendar")[1].split("replay-absent")[0]
    assert "Shipping news" in calendar
    assert "Review request" not in calendar
    assert "(off)" not in calendar
    chosen = client.get(f"/app/journeys/replay/{order}?journey=review", headers=staff).text
    assert "Review request (off)" in chosen.split("replay-calendar")[1]


def test_what_was_never_written_is_not_said_to_have_come_too_late(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    """Its parcel arrived while the story of how it was made, which nobody wrote, waited for its
    hour."""
    # Shipped at nine in the evening in Tokyo: the story waits for noon, the parcel comes at half
    # past nine.
    bought = buy(shop, placed_at=make.at(2026, 6, 1, 3))
    with shop.work() as session:
        parcel = session.get_one(Parcel, (shop.id, bought.ids["parcel_id"]))
        parcel.shipped_at = make.at(2026, 6, 2, 12)
        parcel.delivered_at = make.at(2026, 6, 3, 0, 30)
    page = client.get(
        f"/app/journeys/replay/{bought.order_id}?journey=shipping",
        headers=sign.admin(shop.domain, **EN),
    ).text
    story = next(
        part for part in page.split('data-testid="imagined"') if "A story while you wait" in part
    )
    assert 'data-state="skipped"' in story
    assert "The shop has no text on this topic" in story
    # What had nothing to say was not moved, either, and stands where it was meant to.
    assert "→" not in story
    assert page.index("A story while you wait") < page.index("Delivered")
    # With a text it reaches its reader in the morning, before the parcel does.
    with shop.work() as session:
        session.add(Guide(shop_id=shop.id, topic="story", locale="ja", title="畑から", body="畑"))
    page = client.get(
        f"/app/journeys/replay/{bought.order_id}?journey=shipping",
        headers=sign.admin(shop.domain, **EN),
    ).text
    told = page.split('data-testid="imagined"')
    story = next(part for part in told if "A story while you wait" in part)
    assert 'data-state="sent"' in story
    assert "→" not in story
    assert page.index("A story while you wait") < page.index("Delivered")


def test_a_replay_says_why_nothing_would_come(client: FlaskClient, shop: make.MadeShop) -> None:
    [order] = past(shop, 30, marketing_state="not_subscribed")
    page = client.get(
        f"/app/journeys/replay/{order}?journey=review", headers=sign.admin(shop.domain, **EN)
    )
    assert "Would not be sent" in page.text
    assert "The customer has not agreed to marketing e-mail." in page.text


def test_only_the_shops_own_orders_are_replayed(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    [order] = past(other_shop, 3)
    answer = client.get(f"/app/journeys/replay/{order}", headers=sign.admin(shop.domain))
    assert answer.status_code == 404


def test_a_dry_run_counts_ninety_days(
    app: Flask, client: FlaskClient, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dryrun, "SLICE", 2)
    past(shop, 100)
    past(shop, 80, 75, 70)
    past(shop, 50)
    past(shop, 40, marketing_state="not_subscribed")
    answer = client.post(
        "/app/journeys/dry-run", data={"journey": CHOSEN}, headers=sign.admin(shop.domain, **EN)
    )
    assert answer.status_code == 303
    waiting = client.get(answer.location, headers=sign.admin(shop.domain, **EN))
    assert 'data-state="running"' in waiting.text
    assert "0 of 3 customers walked" in waiting.text
    make.settle(app)
    page = client.get(answer.location, headers=sign.admin(shop.domain, **EN))
    assert 'data-state="done"' in page.text
    with shop.work() as session:
        [asked] = dryrun.newest(session)
        found = tally.load(asked.result)
        assert asked.asked_by == sign.STAFF
    assert (found.orders, found.people) == (5, 3)
    assert found.sent == sum(line.sent for line in found.journeys.values())
    assert found.journeys["next-steps"].sent == 5
    assert found.skipped["no_consent"] >= 3
    # Three orders in ten days ask for more marketing than the caps let through.
    assert found.collisions > 0
    assert "<rect" in page.text
    # What stays at nought says why, and a month of it has a price.
    assert "gift-guide" not in found.journeys
    assert re.search(
        r'dry-run-silent">No order of these 90 days would have started it\. Most', page.text
    )
    assert re.search(r"about \d+<small>by the prices of your sending service", page.text)
    assert "¥0 with the plan that holds them" in page.text
    assert nothing_was_written(shop)


def test_what_cannot_be_switched_on_is_not_offered(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    [order] = past(shop, 30)
    for page in ("dry-run", f"replay/{order}"):
        text = client.get(f"/app/journeys/{page}", headers=sign.admin(shop.domain)).text
        for key, needs in (("feedback", True), ("loyalty", True), ("review", False)):
            box = text.split(f'id="j-{key}"')[1].split('type="checkbox"')[0]
            assert (" disabled" in box) == needs
            assert ("準備中" in box) == needs
            assert ("必要な機能" in box) == needs


def test_a_dry_run_needs_a_journey(client: FlaskClient, shop: make.MadeShop) -> None:
    answer = client.post("/app/journeys/dry-run", headers=sign.admin(shop.domain, **EN))
    assert answer.status_code == 422
    assert "Choose at least one journey." in answer.text
    unknown = client.get("/app/journeys/dry-run/77", headers=sign.admin(shop.domain))
    assert unknown.status_code == 404


def test_of_many_dry_runs_the_newest_are_kept(shop: make.MadeShop) -> None:
    with shop.work() as session:
        for _ in range(dryrun.KEPT + 2):
            dryrun.ask(session, list(presets()), "42")
    with shop.work() as session:
        assert len(dryrun.newest(session)) == dryrun.KEPT
