"""The order pages: what the merchant reads about one order."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.core.clock import now
from app.reviews.events import ReviewSubmitted
from app.reviews.model import Review
from app.thankyou.model import OfferGrant, ThankYouVisit
from tests import make, sign
from tests.journeys.world import World
from tests.messages.conftest import noon

__all__ = ["noon"]

DAY = timedelta(days=1)


@pytest.fixture
def world(app: Flask, shop: make.MadeShop) -> World:
    """The shop, with all recommended journeys on."""
    made = World(app, shop)
    made.switch_on()
    return made


def read(client: FlaskClient, shop: make.MadeShop, order: int, language: str = "en") -> str:
    """An order's page."""
    page = client.get(
        f"/app/orders/{order}", headers=sign.admin(shop.domain, **{"Okaeri-Locale": language})
    )
    assert page.status_code == 200
    return page.text


def events(text: str, part: str) -> list[dict[str, str]]:
    """The events of the future or the past of a page, top to bottom, with their data."""
    future, past = text.split('data-testid="past"')
    found = []
    for piece in (future if part == "future" else past).split('data-testid="event"')[1:]:
        event = dict(re.findall(r'data-([a-z-]+)="([^"]*)"', piece.split(">")[0]))
        title = re.search(r'event__title">([^\n]*)', piece)
        assert title is not None
        found.append({**event, "title": title[1].strip()})
    return found


def titles(text: str, part: str) -> list[str]:
    """The sentences of a part."""
    return [event["title"] for event in events(text, part)]


def test_a_new_order_shows_all_that_will_come(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    text = read(client, shop, order)
    assert titles(text, "past") == ["Sent: What happens next", "The order came in"]
    future = events(text, "future")
    steps = [(event.get("journey"), event.get("step"), event["state"]) for event in future]
    assert ("first-72-hours", "prepare", "planned") in steps
    assert ("first-72-hours", "check-in", "expected") in steps
    assert ("shipping", "shipped", "expected") in steps
    assert ("review", "last", "expected") in steps
    assert ("replenish", "remind", "planned") in steps
    assert not [step for step in steps if step[1] in ("attempted", "delayed")]
    # On the day it arrives: it is brought, then it is there, then it can be used.
    arrival = ["out-for-delivery", "delivered", "start-guide"]
    assert [step for _, step, _ in steps if step in arrival] == arrival
    # Nearest first, as on the customer's page; what has no day comes last.
    assert steps[0][1] == "prepare"
    assert steps.index(("review", "last", "expected")) > steps.index(
        ("first-72-hours", "check-in", "expected")
    )
    days = [state != "waiting" for _, _, state in steps]
    assert days == sorted(days, reverse=True)
    person = client.get(
        f"/app/customers/{world.customer(order)}",
        headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}),
    ).text
    coming = person.split('data-testid="coming"')[1].split('data-testid="history"')[0]
    assert re.findall(r'data-step="([^"]*)"', coming) == [step for _, step, _ in steps if step]


def test_the_day_of_a_reminder_counts_from_the_day_the_parcel_should_come(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    head = sign.admin(shop.domain, **{"Okaeri-Locale": "ja"})
    replayed = client.get(f"/app/journeys/replay/{order}", headers=head).text
    said = [_day_of("再購入のご案内", text) for text in (read(client, shop, order, "ja"), replayed)]
    assert said[0] == said[1]


def _day_of(title: str, text: str) -> str:
    """The day a page says for the first thing of this name, without its year."""
    days = text.split('class="timeline__day">')[1:]
    [day, *_] = [day.split("<")[0] for day in days if title in day]
    return day.split("年")[-1]


def test_nothing_to_come_lies_in_the_past(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    order = world.place()
    # It waits at a counter: that is a word, and nothing is inferred from it.
    world.scan(world.ship(order), "ready_for_pickup")
    make.travel(owner, app, 30 * DAY)
    text = read(client, shop, order)
    future = events(text, "future")
    [review] = [event for event in future if event.get("step") == "first"]
    assert review["state"] == "waiting"
    # What waits for news stands in the order in which it can come.
    waiting = [event.get("step") for event in future if event["state"] == "waiting"]
    assert waiting.index("out-for-delivery") < waiting.index("delivered") < waiting.index("first")
    assert "The expected day has passed; it waits for news of the parcel." in text
    assert "expected" not in [event["state"] for event in future]


def test_what_follows_a_parcel_that_has_not_left_in_time_has_no_day(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    order = world.place()
    said = "Nothing was shipped yet: it follows the parcel, once that has left."
    assert said not in read(client, shop, order)
    make.travel(owner, app, 10 * DAY)
    text = read(client, shop, order)
    assert said in text
    assert {event["state"] for event in events(text, "future")} == {"waiting"}
    assert "まだ発送されていません。発送されてからの日数で送信します。" in read(
        client, shop, order, "ja"
    )
    # Once it has left, its days are known again.
    world.ship(order)
    assert said not in read(client, shop, order)


def test_without_an_address_nothing_planned_is_promised(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    text = read(client, shop, world.place(buyer_given={"email": None}, email=None), "ja")
    assert "現状では送信されません" in text
    assert text.count("現状では送信されません") == text.count("送信予定：")


def test_the_page_speaks_japanese(client: FlaskClient, world: World, shop: make.MadeShop) -> None:
    text = read(client, shop, world.place(), "ja")
    assert titles(text, "past") == ["送信済み：今後の流れ", "注文が入りました"]
    assert "送信予定：ご様子伺い" in titles(text, "future")
    assert "配達完了から72時間後" in text
    assert "山田 太郎 様" in text
    assert "現在 · " in text


@pytest.mark.usefixtures("noon")
def test_without_consent_the_page_says_what_will_not_be_sent_and_then_what_was_not(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    order = world.place(buyer_given={"marketing_state": "not_subscribed"})
    text = read(client, shop, order)
    doubted = "As things stand it will not be sent: "
    assert text.count(f"{doubted}The customer has not agreed to marketing e-mail.") == 5
    # The shop has written neither its little extra nor its story.
    assert text.count(f"{doubted}The shop has no text on this topic") == 2
    assert text.count(doubted) == 7
    world.deliver(order)
    make.travel(owner, app, 5 * DAY)
    text = read(client, shop, order)
    [skipped] = [
        event
        for event in events(text, "past")
        if event["kind"] == "review" and event["state"] == "skipped"
    ]
    assert skipped["reason"] == "no_consent"
    assert "The customer has not agreed to marketing e-mail." in text
    delivered = titles(text, "past")
    assert delivered.index("Sent: Check-in") < delivered.index("Sent: Start guide")
    assert delivered.index("Sent: Delivered") < delivered.index("The parcel was delivered")


def test_what_is_paid_at_the_door_is_said_so_and_counts_from_the_order(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place(financial_status="pending", paid_on_delivery=True)
    text = read(client, shop, order)
    assert "Paid on delivery" in text.split('data-testid="order-head"')[1].split("</h2>")[0]
    assert "Not paid yet" not in text
    future, past = text.split('data-testid="past"')
    assert "10 hours after the order" in future
    assert "payment" not in future
    assert "Paid on delivery" in past
    replayed = client.get(
        f"/app/journeys/replay/{order}", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    ).text
    assert "10 hours after the order" in replayed
    assert "after the payment" not in replayed
    assert "代金引換" in read(client, shop, order, "ja")


def test_what_waits_for_the_money_has_no_day(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    order = world.place(financial_status="pending")
    make.travel(owner, app, 5 * DAY)
    text = read(client, shop, order)
    assert "Not paid yet" in text
    assert "It waits for the payment." in text
    assert "The expected day has passed" not in text
    awaited = [one for one in events(text, "future") if one["state"] in ("expected", "waiting")]
    assert {one["state"] for one in awaited} == {"waiting"}


def test_what_was_moved_says_from_when_to_when_and_why(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    world.deliver(order)
    text = read(client, shop, order)
    [guide] = [event for event in events(text, "future") if event["kind"] == "start-guide"]
    assert guide["title"] == "Will be sent: Start guide"
    assert re.search(r"\d+ [AP]M|:\d\d → .*Moved", text)


def test_a_cancelled_order_has_no_future(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    order = world.place()
    world.cancel(order)
    text = read(client, shop, order)
    assert events(text, "future") == []
    assert 'data-testid="nothing-to-come"' in text
    assert "The order was cancelled" in titles(text, "past")
    [ended] = [event for event in events(text, "past") if event["kind"] == "RunEnded"]
    assert (ended["journey"], ended["reason"]) == ("first-72-hours", "cancelled")


@pytest.mark.parametrize(
    ("given", "badge", "reason"),
    [
        ({"test": True}, "Test order", "test_order"),
        ({"source_name": "pos"}, "Point of sale", "point_of_sale"),
        ({"age": DAY}, "", "before_switch_on"),
    ],
)
def test_orders_that_get_nothing_say_why(
    client: FlaskClient,
    world: World,
    shop: make.MadeShop,
    given: dict[str, Any],
    badge: str,
    reason: str,
) -> None:
    text = read(client, shop, world.place(**given))
    assert badge in text
    ends = [event for event in events(text, "past") if event["kind"] == "RunEnded"]
    assert {event["reason"] for event in ends} == {reason}
    assert "“What happens next” sends nothing" in {event["title"] for event in ends}
    assert events(text, "future") == []


def test_journeys_that_are_off_are_named(
    client: FlaskClient, app: Flask, shop: make.MadeShop
) -> None:
    world = World(app, shop)
    world.switch_on("next-steps")
    text = read(client, shop, world.place())
    [off] = re.findall(r"Switched off: (.*?)\.<", text)
    assert "Shipping news" in off.split(", ")
    assert "What happens next" not in off.split(", ")


def take_the_offer(shop: make.MadeShop, first: int, second: int) -> None:
    """Ten minutes ago the thank-you page of one order showed an offer, which led to another."""
    with shop.work() as session:
        shown = now(session) - timedelta(minutes=10)
        page = {"shop_id": shop.id, "checkout_token": "first"}
        session.add(ThankYouVisit(**page, order_id=first, locale="ja", first_seen_at=shown))
        session.add(
            OfferGrant(
                **page,
                terms={"title": "ハンドドリップセット"},
                shown_at=shown,
                deadline=shown + timedelta(minutes=5),
                accepted_order_id=second,
            )
        )


def write_review(world: World, shop: make.MadeShop, order_id: int) -> None:
    """The customer answers the request with four stars."""
    run = world.run(order_id, "review")
    assert run is not None
    about = {"line_id": run.subject_ids["line_id"], "stars": 4}
    with shop.work() as session:
        session.add(
            Review(shop_id=shop.id, order_id=order_id, body="香りがよいです", locale="ja", **about)
        )
    world.tell(ReviewSubmitted, order_id, review_id=1, **about)


def test_offer_review_and_second_order_stand_on_the_timeline(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    first = world.place(checkout_token="first")
    second = world.place(checkout_token="second", nth=2)
    world.deliver(first)
    take_the_offer(shop, first, second)
    write_review(world, shop, first)
    text = read(client, shop, first)
    said = titles(text, "past")
    assert "Review: ★★★★☆" in said
    assert "香りがよいです" in text
    assert "An offer was shown: ハンドドリップセット" in said
    assert any(title.startswith("The customer took the offer") for title in said)
    assert f'href="/app/orders/{second}"' in text
    assert any(
        title.startswith("Came through the offer after")
        for title in titles(read(client, shop, second), "past")
    )


def test_stopping_by_hand_sends_nothing_more(
    client: FlaskClient, world: World, shop: make.MadeShop, app: Flask, owner: Engine
) -> None:
    order = world.place()
    answer = client.post(f"/app/orders/{order}/stop", headers=sign.admin(shop.domain))
    assert answer.status_code == 303
    text = read(client, shop, order)
    assert "Someone stopped it here" in text
    make.travel(owner, app, 2 * DAY)
    assert list(world.messages(order)) == ["next-steps:thanks"]


def test_the_list_shows_where_each_order_stands_and_finds_one(
    client: FlaskClient, world: World, shop: make.MadeShop
) -> None:
    first, second = world.place(name="#5001"), world.place(name="#5002")
    world.cancel(second)
    page = client.get("/app/orders", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}))
    rows = re.findall(r'data-testid="order" data-name="([^"]+)" data-state="([^"]+)"', page.text)
    assert rows == [("#5002", "cancelled"), ("#5001", "on_the_way")]
    assert f'href="/app/orders/{first}"' in page.text
    found = client.get("/app/orders?q=5001", headers=sign.admin(shop.domain))
    assert 'data-name="#5001"' in found.text
    assert 'data-name="#5002"' not in found.text
    for nothing in ("9999", "%", "_"):
        none = client.get(
            "/app/orders", query_string={"q": nothing}, headers=sign.admin(shop.domain)
        )
        assert 'data-testid="no-orders"' in none.text, nothing


def test_older_orders_are_a_page_away(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        for number in range(27):
            make.order(session, name=f"#{7000 + number}", age=timedelta(minutes=100 - number))
    page = client.get("/app/orders", headers=sign.admin(shop.domain))
    assert page.text.count('data-testid="order"') == 25
    [older] = re.findall(r'href="(/app/orders\?before=\d+)"', page.text)
    rest = client.get(older, headers=sign.admin(shop.domain))
    assert re.findall(r'data-name="([^"]+)"', rest.text) == ["#7001", "#7000"]


def test_another_shops_order_does_not_exist(
    client: FlaskClient, world: World, other_shop: make.MadeShop
) -> None:
    order = world.place()
    headers = sign.admin(other_shop.domain)
    assert client.get(f"/app/orders/{order}", headers=headers).status_code == 404
    stopped = client.post(f"/app/orders/{order}/stop", headers=sign.admin(other_shop.domain))
    assert stopped.status_code == 404
    run = world.run(order, "first-72-hours")
    assert run is not None
    assert run.state == "scheduled"
