"""The settings page: what the merchant types is kept, or answered field by field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.mirror.model import Product, Variant
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
    "offer_percent": "15",
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
    with shop.work() as session:
        _product, variant = make.product(session)
        number = variant.shopify_id
    page = post(
        client,
        shop,
        offer_enabled="on",
        offer_variant=str(number),
        existing_customer_basis="on",
        locale="en",
    )
    assert page.status_code == 200
    assert "data-toast" in page.text
    found = kept(shop)
    assert found.postal_address.splitlines() == ["〒150-0001", "東京都渋谷区神宮前1-2-3"]
    assert (found.offer.enabled, found.offer.variant_shopify_id, found.offer.percent) == (
        True,
        number,
        15,
    )
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
    assert re.search(rf'value="{number}" selected', again)
    assert 'value="ARIGATO"' in again
    page = post(client, shop, coupon_percent="0", booking_url="book me")
    assert page.text.count('aria-invalid="true"') == 2
    post(client, shop)
    assert not kept(shop).existing_customer_basis
    assert not kept(shop).offer.enabled


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
        ("line_url", "https://evil.example/R/ti/p/@x"),
        ("line_url", "https://line.me/somewhere"),
        ("line_url", "https://[broken"),
        ("offer_percent", "0"),
        ("offer_percent", "51"),
        ("offer_percent", "ten"),
        ("offer_percent", "１０"),
        ("offer_variant", "gid://x"),
        ("offer_variant", "9" * 30),
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


def test_an_offer_needs_a_product(client: FlaskClient, shop: make.MadeShop) -> None:
    page = post(client, shop, offer_enabled="on", offer_variant="")
    assert page.status_code == 422
    assert 'id="e-offer_variant"' in page.text


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


def test_another_shops_products_are_not_offered(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    with other_shop.work() as session:
        make.product(session, title="Maple Syrup")
    with shop.work() as session:
        make.product(session, title="ひなたブレンド")
        assert session.query(Product).count() == session.query(Variant).count() == 1
    page = client.get("/app/settings", headers=signed.admin(shop.domain)).text
    assert "ひなたブレンド" in page
    assert "Maple Syrup" not in page
