"""The tracking page: by signed link and inside the store's theme."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.core import links
from app.core.clock import now
from app.mirror.events import FulfillmentRecorded
from app.parcels import service as parcels
from app.tracking import rules
from tests import make
from tests.parcels.test_service import fulfillment, scan


def track(shop: make.MadeShop, order_id: int, **more: object) -> str:
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
    assert "お届け予定日（目安）" in page
    assert "ひなたブレンド 200g" in page
    # The order comes first; who wants the guide already opens it.
    assert '<details class="card guide" data-testid="guide">' in page
    assert page.index("ひなたブレンド 200g") < page.index('data-testid="guide"')


def sent_silently(shop: make.MadeShop, *statuses: str) -> int:
    """A parcel whose carrier reported nothing after these scans."""
    order_id = place(shop)
    with shop.work() as session:
        sent = fulfillment(session, order_id)
        parcels.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
        for hours, status in enumerate(statuses):
            parcels.on_scan(session, scan(session, sent, status, hours))
    return order_id


LATE = (
    "お届け予定日を過ぎております。ご心配をおかけし、申し訳ございません。"
    "詳しい状況は配送会社のページでご確認ください。"
)


def test_a_parcel_nobody_scans_promises_no_day_in_the_past(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    order_id = sent_silently(shop)
    page = client.get(track(shop, order_id)).text
    assert "お届け予定" in page
    assert LATE not in page
    # The last expected day is the second after it was shipped, and is promised until it ends.
    make.travel(owner, app, timedelta(days=2))
    assert LATE not in client.get(track(shop, order_id)).text
    make.travel(owner, app, timedelta(days=1))
    page = client.get(track(shop, order_id)).text
    assert LATE in page
    assert page.count("お届け予定") == 1
    assert (
        "We are sorry: the expected day has passed"
        in client.get(track(shop, order_id, lang="en")).text
    )


def test_an_arrived_parcel_is_not_late(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    order_id = sent_silently(shop, "carrier_picked_up", "delivered")
    make.travel(owner, app, timedelta(days=9))
    assert "お届け予定日を過ぎております" not in client.get(track(shop, order_id)).text


def test_an_order_nobody_ships_promises_no_day_in_the_past(
    app: Flask, client: FlaskClient, shop: make.MadeShop, owner: Engine
) -> None:
    order_id = place(shop)
    make.travel(owner, app, timedelta(days=30))
    page = client.get(track(shop, order_id)).text
    assert "お届け予定日を過ぎております" in page
    assert "お届け予定日（目安）" not in page


def test_the_carriers_acceptance_is_no_transit_yet(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get(track(shop, sent_silently(shop, "carrier_picked_up", "in_transit"))).text
    assert 'data-state="in_transit"' in page
    assert re.findall(r"</time><span>([^<]+)", page) == ["輸送中", "荷物受付"]


def test_what_is_not_shipped_claims_no_mail_and_shows_its_guide(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        order = make.order(session, items=[make.product(session, requires_shipping=False)])
        order_id = order.id
    page = client.get(track(shop, order_id)).text
    assert "配送する商品はございません" in page
    # Where to look is known, and what is found there is not.
    assert "ご注文に関するお知らせのメールをご確認ください" in page
    assert "メールにてお届け" not in page
    assert '<section class="card guide" id="guide" data-testid="guide">' in page


def test_a_download_that_is_not_paid_is_not_prepared_for_shipping(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        download = [make.product(session, requires_shipping=False)]
        order_id = make.order(session, items=download, financial_status="pending").id
    page = client.get(track(shop, order_id)).text
    assert "ご入金を確認でき次第、ご用意いたします。" in page
    assert "発送の準備" not in page


def test_an_authorized_card_is_not_an_awaited_payment(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get(track(shop, place(shop, financial_status="authorized"))).text
    assert "発送の準備をしております" in page
    assert "ご入金をお待ちしております" not in page


def sent_and_scanned(shop: make.MadeShop, status: str, company: str = "Yamato (JA)") -> int:
    """An order whose parcel was shipped and scanned once; its id."""
    order_id = place(shop)
    with shop.work() as session:
        sent = fulfillment(session, order_id)
        sent.company = company
        parcels.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
        parcels.on_scan(session, scan(session, sent, status, 20))
    return order_id


def test_a_parcel_on_its_way_shows_carrier_number_and_steps(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get(track(shop, sent_and_scanned(shop, "out_for_delivery"))).text
    for said in ("配達中", "ヤマト運輸", "1234-5678-9013", "jizen.kuronekoyamato.co.jp"):
        assert said in page
    assert 'data-state="out_for_delivery"' in page
    assert "再配達" not in page


def test_who_was_not_at_home_is_led_to_the_carriers_redelivery(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    page = client.get(track(shop, sent_and_scanned(shop, "attempted_delivery"))).text
    assert "再配達を依頼する" in page
    assert "tneko?number01=123456789013" in page


@pytest.mark.parametrize(
    ("company", "leads_to"),
    [("Sagawa (JA)", "https://www.e-service.sagawa-exp.co.jp/e/f.d"), ("Yamato (JA)", None)],
)
def test_another_day_is_chosen_on_a_page_made_for_it_or_said_to_be_the_carriers(
    client: FlaskClient, shop: make.MadeShop, company: str, leads_to: str | None
) -> None:
    order_id = sent_and_scanned(shop, "in_transit", company)
    page = client.get(track(shop, order_id)).text
    link = re.search(r'<a href="([^"]+)"[^>]+data-testid="change-day"', page)
    assert (link and link[1]) == leads_to
    # Without such a page there is one link to the carrier, and a sentence that says what it is for.
    assert ('data-testid="change-there"' in page) == (leads_to is None)
    assert ("ご変更は、配送会社のページで" in page) == (leads_to is None)


def test_on_the_van_no_other_day_is_offered(client: FlaskClient, shop: make.MadeShop) -> None:
    page = client.get(track(shop, sent_and_scanned(shop, "out_for_delivery"))).text
    assert "change-day" not in page
    assert "change-there" not in page


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
    page = client.get(track(shop, place(shop, **given))).text
    assert said in page
    assert 'data-testid="guide"' not in page


def test_the_links_language_is_the_readers(client: FlaskClient, shop: make.MadeShop) -> None:
    page = client.get(track(shop, place(shop), lang="en")).text
    assert '<html lang="en">' in page
    assert "We are preparing your order" in page


@pytest.mark.parametrize("do", ["not-received", "confirmation"])
def test_what_is_done_on_the_page_is_answered_in_the_language_it_was_read_in(
    client: FlaskClient, shop: make.MadeShop, do: str
) -> None:
    order_id = sent_and_scanned(shop, "delivered")
    page = track(shop, order_id)
    form = re.search(r'action="([^"]+/not-received[^"]*)"', client.get(f"{page}?lang=en").text)
    assert form
    path = form[1] if do == "not-received" else f"{page}/confirmation?lang=en"
    back = client.post(path).location
    assert "lang=en" in back
    assert '<html lang="en">' in client.get(back.partition("#")[0]).text


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
