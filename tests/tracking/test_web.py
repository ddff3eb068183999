"""The tracking page: by signed link and inside the store's theme."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.core import links
from app.core.clock import now
from app.mirror.events import FulfillmentRecorded, FulfillmentScanned
from app.parcels import service as parcels
from app.tracking import rules
from tests import make
from tests.parcels.test_service import fulfillment, scan


def track(shop: make.MadeShop, order_id: int, **more: str) -> str:
    with shop.work() as session:
        subject = {"order": order_id, **more}
        return "/t/" + links.sign(shop.id, "track", subject, now(session) + timedelta(days=180))


def place(shop: make.MadeShop, **given: object) -> int:
    with shop.work() as session:
        return make.order(session, **given).id  # type: ignore[arg-type]


def test_before_shipping_the_page_says_when_it_should_arrive(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get(track(shop, place(shop))).text
    assert "発送の準備をしております" in page
    assert "お届け予定日(目安)" in page
    assert "ひなたブレンド 200g" in page
    assert 'data-testid="guide"' in page


def test_a_parcel_on_its_way_shows_carrier_number_and_steps(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    order_id = place(shop)
    with shop.work() as session:
        sent = fulfillment(session, order_id)
        parcels.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
        event: FulfillmentScanned = scan(session, sent, "out_for_delivery", 20)
        parcels.on_scan(session, event)
    page = client.get(track(shop, order_id)).text
    for said in ("配達中", "ヤマト運輸", "1234-5678-9013", "jizen.kuronekoyamato.co.jp"):
        assert said in page
    assert 'data-state="out_for_delivery"' in page
    assert "再配達" not in page


def test_who_was_not_at_home_is_led_to_the_carriers_redelivery(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    order_id = place(shop)
    with shop.work() as session:
        sent = fulfillment(session, order_id)
        parcels.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
        parcels.on_scan(session, scan(session, sent, "attempted_delivery", 20))
    page = client.get(track(shop, order_id)).text
    assert "再配達を依頼する" in page
    assert "tneko?number01=123456789013" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"financial_status": "pending"}, "ご入金をお待ちしております"),
        ({"cancelled_at": make.at(2026, 1, 1)}, "このご注文はキャンセルされました"),
    ],
)
def test_an_order_without_a_parcel_says_why(
    client: FlaskClient, shop: make.MadeShop, given: dict[str, object], said: str
) -> None:
    assert said in client.get(track(shop, place(shop, **given))).text


def test_the_links_language_is_the_readers(client: FlaskClient, shop: make.MadeShop) -> None:
    page = client.get(track(shop, place(shop), lang="en")).text
    assert '<html lang="en">' in page
    assert "We are preparing your order" in page


def test_another_shops_order_does_not_exist(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    order_id = place(shop)
    assert client.get(track(other_shop, order_id)).status_code == 404


def test_nothing_a_customer_wrote_becomes_liquid() -> None:
    text = "{{ shop.secret }}{% assign a = 1 %}"
    assert "{{" not in rules.inert_liquid(text)
    assert "{%" not in rules.inert_liquid(text)


@pytest.mark.parametrize("colour", ["7a4a21", "ffe08a", "808080", "1f5f4a", "ff0000"])
def test_text_on_the_shops_colour_can_be_read(colour: str) -> None:
    assert rules.contrast(rules.readable_on(colour), colour) >= 4.5


def test_the_colours_sheet_takes_a_colour_and_nothing_else(client: FlaskClient) -> None:
    sheet = client.get("/look/7A4A21.css")
    assert sheet.mimetype == "text/css"
    assert "--brand:#7a4a21" in sheet.text
    assert client.get("/look/red;}body{.css").status_code == 404
