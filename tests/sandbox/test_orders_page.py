"""The API tells of an order what its webhooks tell: the product reads both as one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.sandbox import payloads as hooks
from app.sandbox.orders import give_back
from app.sandbox.running import Sandbox
from app.shopify import gateway, payloads
from app.shopify.client import ShopClient
from tests.sandbox.conftest import HINATA, buy

#: What the API does not say, or says of an order only once its checkout is known to us.
UNSAID = {"contact_email", "buyer_accepts_marketing", "tags", "shipping_lines", "checkout_token"}


def by_webhook(sandbox: Sandbox, number: int) -> payloads.OrderPayload:
    with sandbox.work(HINATA) as work:
        placed = work.need("order", HINATA, number)
        shop = work.need("shop", HINATA, HINATA)
        buyer = work.get("customer", HINATA, placed["customer_id"])
        return payloads.order(msgspec.json.encode(hooks.order(shop, placed, buyer)))


def plain(order: payloads.OrderPayload) -> dict[str, Any]:
    """What our copy keeps of an order, amounts as numbers."""
    found = msgspec.to_builtins(order, builtin_types=(datetime,))
    kept = {name: value for name, value in found.items() if name not in UNSAID}
    kept["total_shipping_price_set"] = float(
        found["total_shipping_price_set"]["shop_money"]["amount"]
    )
    for name in kept:
        if name.endswith(("_price", "_tax", "_discounts")):
            kept[name] = float(kept[name])
    kept["line_items"] = [
        {**line, "price": float(line["price"]), "total_discount": float(line["total_discount"])}
        for line in found["line_items"]
    ]
    kept["customer"] = {
        name: found["customer"][name] for name in ("id", "email", "first_name", "last_name")
    }
    kept["customer"]["consent"] = found["customer"]["email_marketing_consent"]["state"]
    kept["billing_address"] = found["billing_address"]["country_code"]
    return kept


def test_the_api_and_the_webhook_tell_the_same_of_an_order(
    installed: Sandbox, shopify: ShopClient
) -> None:
    placed = buy(installed, quantity=2)
    with installed.work(HINATA) as work:
        doc = work.need("order", HINATA, placed["id"])
        give_back(installed, work, doc, [(doc["lines"][0]["id"], 1)])
    told = by_webhook(installed, placed["id"])
    page = gateway.orders_changed(shopify, told.updated_at - timedelta(minutes=1))
    assert page.after is None
    assert len(page.items) == 1
    said, heard = plain(page.items[0]), plain(told)
    assert {name: said[name] for name in said if said[name] != heard[name]} == {}
    assert page.items[0].checkout_token
    late = gateway.orders_changed(shopify, told.updated_at + timedelta(minutes=1))
    assert late.items == []


def test_the_past_comes_newest_first_in_pages_that_end(
    installed: Sandbox, shopify: ShopClient
) -> None:
    numbers = [buy(installed, email=f"p{n}@example.jp")["id"] for n in range(12)]
    first = by_webhook(installed, numbers[0]).created_at
    span = first - timedelta(days=1), first + timedelta(days=1)
    one = gateway.orders_placed(shopify, *span)
    rest = gateway.orders_placed(shopify, *span, after=one.after)
    assert rest.after is None
    assert [order.id for order in one.items + rest.items] == numbers[::-1]


def test_a_products_collections_and_maker_are_read(installed: Sandbox, shopify: ShopClient) -> None:
    found = {one.handle: one for one in gateway.products_page(shopify).items}
    assert found["hinata-blend"].collections == ["beans"]
    assert found["hinata-blend"].vendor == "ひなたコーヒー"
