"""What the page says of a parcel is no more than what is known of it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import Engine

from app.core.clock import now
from app.core.locale import show_date, show_range, use_locale
from app.core.secrets import seal
from app.line import answers
from app.line import service as line
from app.line.model import LineQuestion
from app.mirror.model import Order, OrderLine
from app.parcels import queries as parcels
from app.parcels import silence
from app.parcels.model import ParcelWatch
from tests import make
from tests.journeys.world import World
from tests.messages.conftest import noon
from tests.tracking.test_cases import parcel_of, world
from tests.tracking.test_web import sent_silently, track

__all__ = ["noon", "world"]

pytestmark = pytest.mark.usefixtures("noon")


def today(world: World) -> date:
    with world.shop.work() as session:
        return now(session).astimezone(ZoneInfo("Asia/Tokyo")).date()


def headline(page: str) -> str:
    found = re.search(r'data-testid="tracking-state">([^<]+)</p>', page)
    assert found
    return found[1].strip()


#: Who asks on LINE.
READER = "U" + 32 * "1"


def on_line(world: World, order: int) -> str:
    """What LINE answers its buyer who asks where it is."""
    whose = world.customer(order)
    with world.shop.work() as session, use_locale("ja"):
        line.link(session, whose, READER, order_id=order, source="login", locale="ja")
        asked = LineQuestion(about="status", user_sealed=seal(READER))
        return json.dumps(answers.answer(session, asked), ensure_ascii=False)


def test_what_nobody_reported_is_not_said_to_be_there(
    world: World, client: FlaskClient, owner: Engine
) -> None:
    order = world.place()
    world.ship(order)
    number = parcel_of(world, order)
    with world.shop.work() as session:
        due = parcels.parcel(session, number).expected_to
    make.travel(owner, world.app, timedelta(days=6))
    with world.shop.work() as session:
        watched = session.query(ParcelWatch).filter_by(parcel_id=number).one()
        silence.look(session, watched)
    page = track(world.shop, order)
    assert due
    told_there = on_line(world, order)
    assert "配達完了（推定）" in told_there
    assert "配達完了の報告は届いておりません" in told_there
    assert show_date(today(world), "ja") not in told_there
    for language, title, told in (
        ("ja", "配達完了（推定）", "配達完了の報告は届いておりません"),
        ("en", "Delivered (estimated)", "The carrier has not reported the delivery"),
    ):
        shown = client.get(f"{page}?lang={language}").text
        assert headline(shown) == title
        assert told in shown
        assert show_date(due, language) in shown
        assert show_date(today(world), language) not in shown.partition("<dl")[0]
        assert "にお届けしました" not in shown
        assert "Delivered on" not in shown
        assert "お楽しみ" not in shown
        assert "enjoy" not in shown.partition("<dl")[0]
        assert f'href="#not-received-{number}"' in shown
        assert f'id="not-received-{number}" data-testid="not-received" open' in shown
    # Nobody reported it: who misses it is not told of a record.
    client.post(f"{page}/parcels/{number}/not-received")
    missed = client.get(page).text
    assert headline(missed) == "お荷物をお調べしています"
    assert "配送会社の記録" not in missed


@pytest.mark.parametrize("before", [(), ("out_for_delivery", "attempted_delivery")])
def test_what_is_on_the_van_comes_today(
    world: World, client: FlaskClient, owner: Engine, before: tuple[str, ...]
) -> None:
    order = world.place()
    sent = world.ship(order)
    for status in before:
        world.scan(sent, status)
    if before:
        make.travel(owner, world.app, timedelta(days=1))
    with world.shop.work() as session:
        tomorrow = now(session) + timedelta(days=1)
    world.scan(sent, "out_for_delivery", estimated=tomorrow)
    page = track(world.shop, order)
    shown = client.get(page).text
    day = today(world)
    assert "本日中にお届けの予定です" in shown
    assert shown.count("お届け予定日（目安）：") == 1
    assert show_date(day, "ja") in shown.partition('data-testid="expected"')[2].partition("</p>")[0]
    assert show_date(day, "ja") in on_line(world, order)
    assert show_date(day + timedelta(days=1), "ja") not in on_line(world, order)
    ics = client.get(f"{page}/expected.ics?parcel={parcel_of(world, order)}").data
    [event] = Calendar.from_ical(ics).events
    assert (event.start, event.end) == (day, day + timedelta(days=1))
    # On the next day it is "today" no more.
    make.travel(owner, world.app, timedelta(days=1))
    assert "本日中に" not in client.get(page).text


def test_a_part_that_is_there_is_not_the_whole(world: World, client: FlaskClient) -> None:
    order = world.place(items_given=[{"title": "深煎り豆"}, {"title": "白いカップ"}])
    with world.shop.work() as session:
        lines = session.query(OrderLine).filter_by(order_id=order).order_by(OrderLine.id).all()
        parts = [[{"line_shopify_id": one.shopify_id, "quantity": one.quantity}] for one in lines]
        left = lines[1].quantity
    world.scan(world.ship(order, parts[0]), "delivered")
    with world.shop.work() as session:
        session.get_one(Order, (world.shop.id, order)).fulfillment_status = "partial"
    assert "一部の商品をお届けしました" in on_line(world, order)
    page = track(world.shop, order)
    shown = client.get(page).text
    assert headline(shown) == "一部の商品をお届けしました"
    assert f"残りの{left}点は、これから発送いたします。お届け予定日（目安）：" in shown
    assert "お楽しみ" not in shown
    assert "still to be shipped. Expected to arrive" in client.get(f"{page}?lang=en").text
    world.scan(world.ship(order, parts[1]), "delivered")
    whole = client.get(page).text
    assert headline(whole) == "配達完了"
    assert "お楽しみ" in whole


def test_a_delay_stays_said_when_it_moves_again(
    world: World, client: FlaskClient, owner: Engine
) -> None:
    order = world.place()
    sent = world.ship(order)
    with world.shop.work() as session:
        later = now(session) + timedelta(days=12)
    world.scan(sent, "delayed", estimated=later)
    world.scan(sent, "in_transit")
    page = track(world.shop, order)
    shown = client.get(page).text
    assert headline(shown) == "遅れが出ましたが、お届けに向かっております"
    assert "お届けが遅れ、申し訳ございません。お荷物は再び" in shown
    assert "当初の予定：" in shown
    english = client.get(f"{page}?lang=en").text
    assert "We are sorry for the delay. Your parcel is moving again." in english
    world.scan(sent, "out_for_delivery")
    van = client.get(page).text
    assert headline(van) == "配達中"
    assert "お届けが遅れ、申し訳ございません。配達員が" in van


def test_the_day_that_was_missed_stays_on_the_page(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    order = sent_silently(shop)
    with shop.work() as session:
        [parcel] = parcels.parcels_of(session, order)
        assert parcel.expected_from
        assert parcel.expected_to
        due = show_range(parcel.expected_from, parcel.expected_to, "ja")
    make.travel(owner, app, timedelta(days=3))
    page = track(shop, order)
    shown = client.get(page).text
    assert headline(shown) == "お届けに遅れが出ています"
    [said] = re.findall('data-testid="overdue">([^<]+)<', shown)
    assert said == f"お届けの予定は{due}でした。"
    assert "It was expected on" in client.get(f"{page}?lang=en").text


def test_the_drivers_money_is_named_until_it_is_paid(world: World, client: FlaskClient) -> None:
    order = world.place(financial_status="pending", paid_on_delivery=True, total_minor=2530)
    page = track(world.shop, order)
    told = (
        ("ja", "代金引換：¥2,530 を配送員にお支払いください（ご用意をお願いいたします）"),
        ("en", "Cash on delivery: Please have ¥2,530 ready for the driver."),
    )
    for language, words in told:
        assert words in client.get(f"{page}?lang={language}").text
    sent = world.ship(order)
    for language, words in told:
        assert client.get(f"{page}?lang={language}").text.count(words) == 1
    world.scan(sent, "delivered")
    assert 'data-testid="at-door"' not in client.get(page).text


def test_what_was_paid_before_is_not_asked_for_at_the_door(
    world: World, client: FlaskClient
) -> None:
    assert 'data-testid="at-door"' not in client.get(track(world.shop, world.place())).text
