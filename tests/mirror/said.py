"""Webhooks as Shopify says them: bodies, signatures, and the door they come in by."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests import make, sign

_ids = count(1)

ORDER: dict[str, Any] = {
    "id": 5001,
    "name": "#1001",
    "confirmation_number": "ABC123",
    "currency": "JPY",
    "created_at": "2026-06-01T10:00:00+09:00",
    "processed_at": "2026-06-01T10:00:00+09:00",
    "updated_at": "2026-06-01T10:00:01+09:00",
    "cancelled_at": None,
    "email": "taro@example.com",
    "customer_locale": "ja",
    "financial_status": "pending",
    "fulfillment_status": None,
    "source_name": "web",
    "test": False,
    "taxes_included": True,
    "subtotal_price": "3960",
    "total_price": "4460",
    "total_tax": "330",
    "total_discounts": "0",
    "total_shipping_price_set": {"shop_money": {"amount": "500", "currency_code": "JPY"}},
    "order_status_url": "https://hinata.example/orders/status/key",
    "note_attributes": [{"name": "okaeri_ref", "value": "ref1"}],
    "discount_codes": [{"code": "HELLO"}],
    "shipping_address": {
        "first_name": "太郎",
        "last_name": "山田",
        "name": "山田 太郎",
        "zip": "150-0001",
        "province": "東京都",
        "city": "渋谷区",
        "address1": "上原9-8-7",
        "country_code": "JP",
    },
    "line_items": [
        {
            "id": 7001,
            "title": "ひなたブレンド 200g",
            "quantity": 2,
            "current_quantity": 2,
            "price": "1980",
            "product_id": 801,
            "variant_id": 901,
            "variant_title": "豆のまま",
            "requires_shipping": True,
            "properties": [],
        }
    ],
    "customer": {
        "id": 3001,
        "email": "taro@example.com",
        "first_name": "太郎",
        "last_name": "山田",
        "orders_count": 1,
        "updated_at": "2026-06-01T10:00:00+09:00",
        "email_marketing_consent": {
            "state": "subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": "2026-06-01T09:59:00+09:00",
        },
    },
    "fulfillments": [],
    "refunds": [],
}

FULFILLMENT: dict[str, Any] = {
    "id": 6001,
    "order_id": 5001,
    "name": "#1001.1",
    "status": "success",
    "created_at": "2026-06-02T10:00:00+09:00",
    "updated_at": "2026-06-02T10:00:00+09:00",
    "tracking_company": "Yamato (JA)",
    "tracking_number": "123456789013",
    "tracking_url": "https://carrier.example/123456789013",
    "shipment_status": None,
    "line_items": [{"id": 7001, "quantity": 2}],
}

SCAN: dict[str, Any] = {
    "id": 6501,
    "fulfillment_id": 6001,
    "order_id": 5001,
    "status": "out_for_delivery",
    "happened_at": "2026-06-03T08:00:00+09:00",
    "city": "渋谷区",
    "message": "持出中",
}

REFUND: dict[str, Any] = {
    "id": 6601,
    "order_id": 5001,
    "created_at": "2026-06-05T10:00:00+09:00",
    "refund_line_items": [{"line_item_id": 7001, "quantity": 2}],
}

PRODUCT: dict[str, Any] = {
    "id": 801,
    "title": "ひなたブレンド 200g",
    "handle": "hinata-blend",
    "product_type": "コーヒー豆",
    "status": "active",
    "tags": "定番, 深煎り",
    "updated_at": "2026-05-01T10:00:00+09:00",
    "image": {"id": 11, "src": "https://cdn.example/blend.png"},
    "images": [{"id": 11, "src": "https://cdn.example/blend.png"}],
    "variants": [
        {
            "id": 901,
            "title": "豆のまま",
            "price": "1980",
            "inventory_quantity": 5,
            "inventory_management": "shopify",
            "inventory_policy": "deny",
            "image_id": 11,
        }
    ],
}


def order(**given: Any) -> dict[str, Any]:
    """An order's body with some fields said otherwise."""
    return {**deepcopy(ORDER), **given}


def customer(**given: Any) -> dict[str, Any]:
    """The order's customer with some fields said otherwise."""
    return {**deepcopy(ORDER["customer"]), **given}


def line(**given: Any) -> dict[str, Any]:
    """The order's line with some fields said otherwise."""
    return {**deepcopy(ORDER["line_items"][0]), **given}


def fulfillment(**given: Any) -> dict[str, Any]:
    """A fulfillment's body with some fields said otherwise."""
    return {**deepcopy(FULFILLMENT), **given}


def scan(**given: Any) -> dict[str, Any]:
    """A carrier's event with some fields said otherwise."""
    return {**deepcopy(SCAN), **given}


def product(**given: Any) -> dict[str, Any]:
    """A product's body with some fields said otherwise."""
    return {**deepcopy(PRODUCT), **given}


def post(
    app: Flask,
    topic: str,
    body: dict[str, Any] | bytes,
    *,
    domain: str = "hinata-coffee.myshopify.com",
    webhook_id: str | None = None,
    path: str = "/hooks/shopify",
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Post a webhook, signed as Shopify signs."""
    given = {"X-Shopify-Triggered-At": "2026-06-01T01:00:00.123456789Z", **(headers or {})}
    number = webhook_id or f"wh-{next(_ids)}"
    return app.test_client().post(path, **sign.webhook(domain, topic, body, number, **given))


def tell(app: Flask, *said: tuple[str, dict[str, Any]]) -> None:
    """Post webhooks one after the other and let the workers do all there is to do."""
    deliver(app, said)
    make.settle(app)


def deliver(app: Flask, said: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Post webhooks one after the other; each must be taken."""
    for topic, body in said:
        assert post(app, topic, body).status_code == 200
