"""The merchant's page: how often, by what, what is counted, and where nothing sells for now."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from app.core.prefectures import names
from app.shops import service as shops
from app.shops.frequency import ASK_FIRST, Frequency, measures
from tests import make, sign
from tests.messages.conftest import Bought, buy

WANTED = {"per_week": "1", "apart_h": "48", "prefer": "line", "opens": "off", "clicks": "on"}
WANTED |= {"weekends": "on"}


def kept(shop: make.MadeShop) -> Frequency:
    with shop.work() as session:
        return shops.settings_of(shops.shop(session)).frequency


def test_the_page_keeps_what_was_chosen(client: FlaskClient, shop: make.MadeShop) -> None:
    page = client.get("/app/frequency", headers=sign.admin(shop.domain)).text
    assert page.count('name="held_provinces"') == 47
    form = {**WANTED, "held_provinces": ["JP-17", "XX-99"]}
    answer = client.post("/app/frequency", data=form, headers=sign.admin(shop.domain))
    assert answer.status_code == 200
    assert kept(shop) == Frequency(
        per_week=1,
        apart_h=48,
        prefer="line",
        weekends="on",
        opens="off",
        clicks="on",
        held_provinces=("JP-17",),
    )


def test_nothing_beyond_the_bounds_is_kept(client: FlaskClient, shop: make.MadeShop) -> None:
    for name, value in (
        ("per_week", "7"),
        ("apart_h", "1"),
        ("prefer", "fax"),
        ("opens", ""),
        ("weekends", "no"),
    ):
        answer = client.post(
            "/app/frequency", data={**WANTED, name: value}, headers=sign.admin(shop.domain)
        )
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert kept(shop) == Frequency()


def test_clearing_a_prefecture_lets_go_what_waited_for_it(
    app: Flask, client: FlaskClient, shop: make.MadeShop, noon: object
) -> None:
    bought: Bought = buy(shop, shipping_address={"country_code": "JP", "province_code": "JP-17"})
    page = {"headers": sign.admin(shop.domain)}
    client.post("/app/frequency", data={**WANTED, "held_provinces": ["JP-17"]}, **page)
    review = bought.say("review")
    assert review.due_at is None
    client.post("/app/frequency", data=WANTED, **page)
    make.settle(app)
    assert bought.again(review).due_at is not None


def test_law_and_merchant_decide_what_is_measured() -> None:
    assert {"DE", "FR", "GB", "CH", "NO"} <= ASK_FIRST
    assert measures("auto", "JP")
    assert not measures("auto", "de")
    assert measures("on", "DE")
    assert not measures("off", "JP")
    assert names("ja")["JP-13"] == "東京都"
    assert names("en")["JP-47"] == "Okinawa"
