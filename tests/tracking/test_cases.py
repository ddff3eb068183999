"""A parcel that counts as delivered and is not there; the day in a calendar; the goods."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import Engine

from app.consent import queries as consent
from app.consent import service as consent_service
from app.core.clock import now
from app.core.locale import show_date
from app.journal import queries as journal
from app.journeys import queries as journeys
from app.mirror import queries as mirror
from app.mirror.model import OrderLine
from app.parcels import queries as parcels
from app.parcels.cases import cases_of
from app.shops.service import shop as shop_of
from tests import make, sign
from tests.journeys.test_simulate import imagined, really
from tests.journeys.world import World
from tests.messages.conftest import noon
from tests.tracking.test_web import track

__all__ = ["noon"]


@pytest.fixture
def world(app: Flask, shop: make.MadeShop) -> World:
    return World(app, shop)


#: What an order's page says of what is planned, and of what is due, while its parcel is missing.
SETTLED, WAITS = "解決するまで保留します", "届いていないお荷物が見つかるまで待ち"


def parcel_of(world: World, order: int) -> int:
    with world.shop.work() as session:
        return parcels.parcels_of(session, order)[0].id


def held(world: World, order: int) -> list[str]:
    with world.shop.work() as session:
        return [one.reason for one in consent.holds(session, world.customer(order))]


def test_who_misses_a_parcel_is_heard_once_and_a_person_settles_it(
    world: World, client: FlaskClient
) -> None:
    order = world.place()
    world.deliver(order)
    page = track(world.shop, order)
    assert 'data-testid="not-received"' in client.get(page).text
    url = f"{page}/parcels/{parcel_of(world, order)}/not-received"
    # Looking at the address changes nothing; saying it twice opens one case.
    assert client.get(url).status_code == 405
    for _twice in range(2):
        assert client.post(url, data={"note": "宅配ボックスも空でした {{ x }}"}).status_code == 303
    shown = client.get(page).text
    assert 'data-testid="missing"' in shown
    assert "翌営業日までにご連絡いたします" in shown
    # What the carrier says is told as its word, beside the day on which the buyer said otherwise.
    with world.shop.work() as session:
        today = show_date(now(session).astimezone(ZoneInfo("Asia/Tokyo")).date(), "ja")
    assert f"{today}に、お荷物が届いていないとのご連絡を承りました" in shown
    assert 'data-testid="tracking-state">お荷物をお調べしています</p>' in shown
    assert f"配送会社の記録：{today}に配達完了" in shown
    # It is neither on the van any more nor there: no step is marked as where it is.
    assert '<li class="is-done">配達中' in shown
    assert "aria-current" not in shown
    for selling in ("suggestions", "guide", "afterwards", "line"):
        assert f'data-testid="{selling}"' not in shown
    assert held(world, order) == ["not_received"]
    with world.shop.work() as session:
        [case] = cases_of(session, order)
        [task] = journeys.open_tasks(session)
        assert task.order_id == order
    staff = sign.admin(world.shop.domain)
    detail = client.get(f"/app/orders/{order}", headers=staff).text
    assert "宅配ボックスも空でした" in detail
    client.post(f"/app/parcel-cases/{case.id}/close", headers=staff)
    assert held(world, order) == []
    assert 'data-testid="missing"' not in client.get(page).text
    with world.shop.work() as session:
        assert journeys.open_tasks(session) == []
        kinds = [one.kind for one in journal.of_order(session, order)]
    assert [kinds.count(kind) for kind in ("ParcelMissed", "ParcelCaseClosed")] == [1, 1]


@pytest.mark.usefixtures("noon")
def test_nothing_speaks_of_goods_that_are_not_there(
    world: World, client: FlaskClient, owner: Engine
) -> None:
    world.switch_on("shipping", "first-72-hours")
    # One is found while its check-in is of use, the other when it would come too late.
    found_soon, found_late = orders = [world.place(), world.place()]
    for order in orders:
        world.deliver(order)
    make.travel(owner, world.app, timedelta(days=1))
    staff = sign.admin(world.shop.domain, **{"Accept-Language": "ja"})
    for order in orders:
        url = f"{track(world.shop, order)}/parcels/{parcel_of(world, order)}/not-received"
        assert client.post(url).status_code == 303
        # What is planned says what it waits for, and what is due waits; the parcel's own news went.
        assert client.get(f"/app/orders/{order}", headers=staff).text.count(SETTLED) == 2
    for order, days in ((found_soon, 3), (found_late, 5)):
        make.travel(owner, world.app, timedelta(days=days))
        told = world.messages(order)
        assert told["shipping:delivered"] == ("sent", None)
        assert told["first-72-hours:check-in"] == ("scheduled", "parcel_missing")
        assert WAITS in client.get(f"/app/orders/{order}", headers=staff).text
        with world.shop.work() as session:
            [case] = cases_of(session, order)
        client.post(f"/app/parcel-cases/{case.id}/close", headers=staff)
    make.travel(owner, world.app, timedelta(days=8))
    for order, check_in in ((found_soon, ("sent", None)), (found_late, ("skipped", "too_late"))):
        told = world.messages(order)
        assert told["first-72-hours:check-in"] == check_in
        assert told["first-72-hours:all-well"] == ("sent", None)
        # Imagination knows the same rule.
        imagined_so(world, order, "first-72-hours", ["check-in", "all-well"], check_in)


def imagined_so(
    world: World, order: int, journey: str, steps: list[str], first: tuple[str, str | None]
) -> None:
    """An order's past is imagined as it was: its first step ended like that, and each when it
    did."""
    found, real = imagined(world.shop, order), really(world.shop, order)
    begun = found[f"{journey}:{steps[0]}"]
    assert (begun.state, begun.reason) == (first[0], first[1] or "")
    for step in steps:
        at, sent = found[f"{journey}:{step}"].at, real[f"{journey}:{step}"][1]
        assert (at is None) == (sent is None)
        assert at is None or sent is None or abs(at - sent) < timedelta(minutes=2)


def test_once_it_is_there_the_page_leads_on_and_promises_nothing_more(
    world: World, client: FlaskClient
) -> None:
    world.switch_on("review")
    order = world.place()
    with world.shop.work() as session:
        home = shop_of(session)
        home.settings = {**home.settings, "line_url": "https://line.me/x", "line_linking": True}
    page = track(world.shop, order)
    before = client.get(page).text
    assert 'data-testid="line"' in before
    assert "発送いたしましたら、メールでお知らせします" in before
    assert 'data-testid="afterwards"' not in before
    world.deliver(order)
    after = client.get(page).text
    assert 'data-testid="line"' not in after
    assert 'id="guide"' in after
    links = dict(re.findall(r'href="([^"]+)" data-testid="way-(\w+)"', after))
    assert sorted(links.values()) == ["reorder", "review"]
    for link in links:
        assert client.get(urlsplit(link).path).status_code == 200
    # A shop that is paused (its plan ended, say) takes nothing from its customers' page (B14).
    with world.shop.work() as session:
        shop_of(session).paused_at = now(session)
    parts = re.compile('data-testid="[^"]+"')
    assert parts.findall(client.get(page).text) == parts.findall(after)
    with world.shop.work() as session:
        owner = mirror.order(session, order).customer_id
        consent_service.hold(session, customer_id=owner, order_id=order, reason="complaint")
    assert 'data-testid="afterwards"' not in client.get(page).text


def test_only_a_delivered_parcel_of_this_order_can_be_missed(
    world: World, client: FlaskClient
) -> None:
    waiting, other = world.place(), world.place()
    world.ship(waiting)
    world.deliver(other)
    page = track(world.shop, waiting)
    own, others = parcel_of(world, waiting), parcel_of(world, other)
    assert client.post(f"{page}/parcels/{own}/not-received").status_code == 409
    assert client.post(f"{page}/parcels/{others}/not-received").status_code == 404
    assert client.post(f"/t/forged/parcels/{own}/not-received").status_code == 403


def test_the_expected_days_go_into_a_calendar(world: World, client: FlaskClient) -> None:
    order = world.place(note_attributes={"お届け時間": "14:00-16:00"})
    page = track(world.shop, order)
    assert "14時〜16時" in client.get(page).text
    early = client.get(f"{page}/expected.ics")
    assert early.mimetype == "text/calendar"
    world.ship(order)
    number = parcel_of(world, order)
    with world.shop.work() as session:
        known = parcels.parcel(session, number)
        days = (known.expected_from, known.expected_to)
    [event] = Calendar.from_ical(client.get(f"{page}/expected.ics?parcel={number}").data).events
    assert (event.start, event.end - timedelta(days=1)) == days
    assert "ひなたコーヒー" in event["summary"]
    # What is on its way is the parcel's, and what has arrived is nobody's any more.
    assert client.get(f"{page}/expected.ics").status_code == 404
    world.deliver(other := world.place())
    arrived = parcel_of(world, other)
    gone = f"{track(world.shop, other)}/expected.ics?parcel={arrived}"
    assert client.get(gone).status_code == 404


def test_each_line_knows_its_parcel(world: World, client: FlaskClient) -> None:
    order = world.place(
        items_given=[{"title": "深煎り豆"}, {"title": "白いカップ"}, {"title": "茶さじ"}]
    )
    with world.shop.work() as session:
        lines = session.query(OrderLine).filter_by(order_id=order).order_by(OrderLine.id).all()
        parts = [[{"line_shopify_id": line.shopify_id, "quantity": 1}] for line in lines]
    first, second = (world.ship(order, part) for part in parts[:2])
    world.scan(first, "delivered")
    world.scan(second, "delayed")
    text = client.get(track(world.shop, order)).text
    one, two, rest = text.split("<section")[1:4]
    assert 'data-state="delivered"' in one
    assert ("深煎り豆" in one, "白いカップ" in one) == (True, False)
    assert 'data-state="exception"' in two
    assert "白いカップ" in two
    assert "茶さじ" in rest
    # One of them is late: nothing is sold beside.
    assert 'data-testid="suggestions"' not in text


def test_a_new_day_is_told_with_the_old_one_and_the_reason(
    world: World, client: FlaskClient
) -> None:
    order = world.place()
    shipped = world.ship(order)
    with world.shop.work() as session:
        later = now(session) + timedelta(days=12)
    world.scan(shipped, "delayed", estimated=later)
    shown = client.get(track(world.shop, order)).text
    assert 'data-trouble="carrier"' in shown
    assert 'data-testid="changed"' in shown
    assert "当初の予定" in shown
    assert "配送会社の遅延により" in shown


def test_what_a_shop_writes_about_its_goods_cannot_become_liquid(
    world: World, client: FlaskClient
) -> None:
    broken = "{{ shop.secret }}{% assign a = 1 %}<script>{{- 'x' -}}"
    order = world.place(items_given=[{"title": broken}])
    world.deliver(order)
    token = track(world.shop, order).removeprefix("/t/")
    found = client.get(sign.proxy(world.shop.domain, f"/track/{token}"))
    assert found.mimetype == "application/liquid"
    assert "{" not in found.text
    assert "}" not in found.text
    assert "&#123;&#123; shop.secret" in found.text
    # What can be done from it lies on our own door: the store's proxy does not pass it on.
    assert 'action="https://okaeri.test/t/' in found.text
