"""The settings page: what the merchant types is kept, or answered field by field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.shops import service as shops
from app.shops.settings import ShopSettings, missing_for_marketing
from tests import make
from tests import sign as signed

GOOD = {
    "sender_name": "ひなたコーヒー",
    "reply_to": "tencho@hinata.example",
    "support_email": "help@hinata.example",
    "support_phone": "03-1234-5678",
    "support_hours": "平日 10:00〜17:00",
    "legal_name": "株式会社ひなた",
    "postal_address": "〒150-0001\r\n東京都渋谷区神宮前1-2-3",
    "complaints_contact": "help@hinata.example",
    "legal_url": "https://hinata.example/legal",
    "logo_url": "https://hinata.example/logo.png",
    "color": "#7A4A21",
    "line_url": "https://line.me/R/ti/p/@hinata",
    "line_friend_note": "配送状況をお知らせします",
    "locale": "ja",
    "contact_person": "佐藤",
    "booking_url": "https://book.example/hinata",
    "coupon_code": "ARIGATO",
    "coupon_percent": "10",
}


def post(client: FlaskClient, shop: make.MadeShop, **given: str) -> Any:
    form = {key: value for key, value in {**GOOD, **given}.items() if value != "(absent)"}
    return client.post("/app/settings", data=form, headers=signed.admin(shop.domain))


def kept(shop: make.MadeShop) -> ShopSettings:
    with shop.work() as session:
        return shops.settings_of(shops.shop(session))


def test_what_is_typed_is_kept_and_shown_again(client: FlaskClient, shop: make.MadeShop) -> None:
    page = post(
        client,
        shop,
        existing_customer_basis="on",
        locale="en",
    )
    assert page.status_code == 200
    assert "data-toast" in page.text
    found = kept(shop)
    assert found.postal_address.splitlines() == ["〒150-0001", "東京都渋谷区神宮前1-2-3"]
    assert found.existing_customer_basis
    assert (found.contact_person, found.coupon_code, found.coupon_percent) == (
        "佐藤",
        "ARIGATO",
        10,
    )
    with shop.work() as session:
        assert shops.shop(session).locale == "en"
    again = client.get("/app/settings", headers=signed.admin(shop.domain)).text
    assert "tencho@hinata.example" in again
    assert 'value="ARIGATO"' in again
    page = post(client, shop, coupon_percent="0", booking_url="book me")
    assert page.text.count('aria-invalid="true"') == 2
    post(client, shop)
    assert not kept(shop).existing_customer_basis


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_name", ""),
        ("sender_name", "a\nb"),
        ("sender_name", "あ" * 501),
        ("reply_to", ""),
        ("reply_to", "nobody"),
        ("reply_to", "a@b@c.example"),
        ("support_email", "<script>@x.example"),
        ("color", "brown"),
        ("color", "#7a4a2"),
        ("color", "#7a4a21;}"),
        ("logo_url", "http://hinata.example/logo.png"),
        ("logo_url", "javascript:alert(1)"),
        ("logo_url", "https://"),
        ("logo_url", "https://[broken"),
        ("legal_url", "hinata.example"),
        ("complaints_contact", "x"),
        ("line_url", "https://evil.example/R/ti/p/@x"),
        ("line_url", "https://line.me/somewhere"),
        ("line_url", "https://[broken"),
    ],
)
def test_nonsense_comes_back_with_the_fields_mistake(
    client: FlaskClient, shop: make.MadeShop, field: str, value: str
) -> None:
    before = kept(shop)
    page = post(client, shop, **{field: value})
    assert page.status_code == 422
    assert f'id="e-{field}"' in page.text
    assert re.search(rf'id="f-{field}"[^>]*aria-invalid="true"', page.text)
    # What else was typed is still there, except for the secret.
    assert "tencho@hinata.example" in page.text or field == "reply_to"
    assert kept(shop) == before


def test_mistakes_are_said_in_both_languages(client: FlaskClient, shop: make.MadeShop) -> None:
    said = {}
    for language in ("ja", "en"):
        headers = signed.admin(shop.domain, **{"Okaeri-Locale": language})
        page = client.post("/app/settings", data={**GOOD, "color": "x"}, headers=headers)
        found = re.search(r'id="e-color">([^<]+)<', page.text)
        assert found
        said[language] = found.group(1)
    assert said["en"].startswith("Write a colour")
    assert said["ja"].startswith("色は")


@pytest.mark.parametrize("field", ["legal_name", "postal_address", "complaints_contact"])
def test_a_footer_with_a_gap_is_allowed_and_said(
    client: FlaskClient, shop: make.MadeShop, field: str
) -> None:
    page = post(client, shop, **{field: " "})
    assert page.status_code == 200
    assert "banner--warning" in page.text
    assert missing_for_marketing(kept(shop)) == [field]
