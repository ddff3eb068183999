"""Who looks at an order's page again and again is shown the truth of each moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.mirror.model import Fulfillment, Variant
from app.parcels import service as parcels
from app.shops.service import shop as shop_of
from tests import make
from tests.parcels.test_service import scan
from tests.recommendations.test_suggest import pick
from tests.tracking.test_web import place, sent_silently, track

#: Where the order goes stands in a section of its own.
ADDRESS = 'data-testid="address"'


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that a page asks, beside the one that asks whether it is still true."""
    said: list[str] = []

    def note(_line: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        said.append(sql)

    engine = app.extensions["okaeri"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def by_heart(app: Flask, client: FlaskClient, page: str) -> str:
    """Look at a page until it is shown as it was drawn."""
    for _ in range(2):
        client.get(page)
    with counted(app) as said:
        shown = client.get(page).text
    assert not said
    return shown


def test_news_of_the_order_are_seen_at_once(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    page = track(shop, sent_silently(shop, "carrier_picked_up"))
    assert "輸送中" not in by_heart(app, client, page).partition("</time>")[2]
    with shop.work() as session:
        sent = session.scalars(select(Fulfillment)).one()
        parcels.on_scan(session, scan(session, sent, "out_for_delivery", 20))
    assert 'data-state="out_for_delivery"' in client.get(page).text
    by_heart(app, client, page)
    with shop.work() as session:
        shop_of(session).settings = {**shop_of(session).settings, "sender_name": "夕なた商店"}
    assert "夕なた商店" in client.get(page).text


def test_what_is_sold_out_is_suggested_no_more(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    page = track(shop, place(shop))
    with shop.work() as session:
        sold = make.product(session, title="ドリッパー", price_minor=1980)
        pick(session, sold)
        number = sold[0].id
    assert "ドリッパー" in by_heart(app, client, page)
    with shop.work() as session:
        session.scalars(select(Variant).where(Variant.product_id == number)).one().available = False
    assert "ドリッパー" not in client.get(page).text


def test_a_page_is_its_readers_own(
    app: Flask, client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    with shop.work() as session:
        home = shop_of(session)
        home.settings = {**home.settings, "addresses": {"enabled": True}}
    order = place(shop)
    page = track(shop, order)
    by_heart(app, client, page)
    assert '<html lang="en"' in client.get(f"{page}?lang=en").text
    assert '<html lang="ja"' in client.get(page).text
    # Whoever only looked the order up reads no address, whoever read before.
    assert ADDRESS in client.get(page).text
    assert ADDRESS not in client.get(track(shop, order, found="1")).text
    with other_shop.work() as session:
        theirs = make.order(session, name="#9009").id
    assert "#9009" in client.get(track(other_shop, theirs)).text
    assert "#9009" not in client.get(page).text


def test_a_link_ends_and_a_shop_leaves_at_once(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    page = track(shop, place(shop))
    by_heart(app, client, page)
    with shop.work() as session:
        shop_of(session).uninstalled_at = shop_of(session).installed_at
    closed = client.get(page)
    assert closed.status_code == 410
    # Who cannot know why reads whose page it was, that their order is safe, and whom to ask.
    for said in (
        "公開は終了いたしました",
        "ご注文そのものには影響ございません",
        "hello@hinata.example",
    ):
        assert said in closed.text
    assert "影響ございません" in client.get(f"/track/{shop.domain.partition('.')[0]}?lang=ja").text
