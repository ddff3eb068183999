"""Returns and grants in the simulated Shopify, read by the product's own client."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.errors import GiveUp
from app.sandbox import verbs, webhooks
from app.sandbox.running import Sandbox
from app.shopify import gateway, order_verbs, presents, returns
from app.shopify.client import ShopClient
from tests.sandbox.conftest import HINATA, Listener, buy

BEFORE = ["read_orders", "read_fulfillments"]


def told(sandbox: Sandbox, listener: Listener) -> list[tuple[str, dict[str, Any]]]:
    """What the app heard of returns and grants since it was last asked."""
    while webhooks.post_one(sandbox):
        pass
    heard = [(call.headers["X-Shopify-Topic"], json.loads(call.body)) for call in listener.calls]
    listener.calls.clear()
    return [one for one in heard if one[0].startswith(("returns/", "app/scopes"))]


def sent(sandbox: Sandbox) -> dict[str, Any]:
    """Two bags, on their way."""
    order = buy(sandbox, quantity=2)
    verbs.fulfill(sandbox, HINATA, order["id"])
    return order


def test_a_return_from_the_request_to_its_end(
    installed: Sandbox, listener: Listener, shopify: ShopClient, http: FlaskClient
) -> None:
    order = sent(installed)
    line = order["lines"][0]["id"]
    page = http.get(f"/{HINATA}/orders/{order['token']}").text
    assert 'data-testid="ask-return"' in page
    asked = {f"line-{line}": "1", "reason": "defective", "note": "torn"}
    http.post(f"/{HINATA}/orders/{order['token']}/returns", data=asked)
    [(topic, body)] = told(installed, listener)
    read = returns.read(body, "requested")
    assert (topic, read.order, read.name) == ("returns/request", order["id"], "#1001-R1")
    assert read.lines is not None
    assert [(one.line, one.quantity) for one in read.lines] == [(line, 1)]
    assert order_verbs.orders_returning(shopify, "return_requested").items == [order["id"]]

    url = f"/admin/store/hinata-coffee/orders/{order['id']}"
    for verb, status in (
        ("approve", "open"), ("process", "open"), ("close", "closed"), ("reopen", "open"),
    ):  # fmt: skip
        assert http.post(f"{url}/returns/{read.number}/{verb}").status_code == 303
        found = order_verbs.find_return(shopify, read.number)
        assert found is not None
        assert (found.status, found.lines and found.lines[0].reason) == (status, "defective")
        assert (found.closed_at is None) == (status == "open")
    assert [topic for topic, _ in told(installed, listener)] == [
        "returns/approve",
        "returns/process",
        "returns/close",
        "returns/reopen",
    ]
    assert http.post(f"{url}/returns/{read.number}/approve").status_code == 422
    # The second bag can still be returned, a third cannot.
    verbs.open_return(installed, HINATA, order["id"], [(line, 1)])
    with pytest.raises(verbs.Refused):
        verbs.open_return(installed, HINATA, order["id"], [(line, 1)])
    assert [one.status for one in order_verbs.order_returns(shopify, order["id"])] == [
        "open",
        "open",
    ]
    assert order_verbs.find_return(shopify, 1) is None
    placed_at = datetime.fromisoformat(order["created_at"])
    assert order["id"] in gateway.orders_changed(shopify, placed_at).returning


def test_a_shop_from_before_the_scope_is_asked_again(
    sandbox: Sandbox, listener: Listener, http: FlaskClient
) -> None:
    verbs.install(sandbox, HINATA, BEFORE)
    order = sent(sandbox)
    verbs.request_return(sandbox, HINATA, order["id"])
    assert told(sandbox, listener) == []
    home = "/admin/store/hinata-coffee/apps/okaeri"
    assert http.get(home).headers["Location"].endswith("/install")
    asked = http.get(f"{home}/install").text
    assert "read_returns" in asked
    assert "read_orders" not in asked
    http.post(f"{home}/install")
    [(topic, body)] = told(sandbox, listener)
    assert (topic, body["previous"]) == ("app/scopes_update", BEFORE)
    assert "read_returns" in body["current"]
    assert http.get(home).status_code == 200


def test_optional_scopes_come_and_go(
    installed: Sandbox, shopify: ShopClient, http: FlaskClient
) -> None:
    order = buy(installed)
    verbs.grant_optional(installed, HINATA, ["write_orders"])
    # Installing anew does not take it away.
    verbs.install(installed, HINATA)
    assert "write_orders" in gateway.shop_info(shopify).scopes
    order_verbs.add_tag(shopify, "Order", order["id"], "okaeri-card")
    order_verbs.add_tag(shopify, "Order", order["id"], "okaeri-card")
    found = verbs.order(installed, HINATA, order["id"])
    assert found is not None
    assert found["tags"] == ["okaeri-card"]
    order_verbs.remove_tag(shopify, "Order", order["id"], "okaeri-card")
    apps = "/admin/store/hinata-coffee/apps"
    assert "scopes-revoke" in http.get(apps).text
    http.post(f"{apps}/okaeri/revoke", data={"scope": "write_orders"})
    assert "scopes-revoke" not in http.get(apps).text
    with pytest.raises(GiveUp):
        order_verbs.add_tag(shopify, "Order", order["id"], "okaeri-card")
    for refused in (["read_orders"], ["write_products"]):
        with pytest.raises(verbs.Refused):
            verbs.grant_optional(installed, HINATA, refused)
    found = verbs.order(installed, HINATA, order["id"])
    assert found is not None
    assert found["tags"] == []


def test_a_free_shipping_code_is_its_customers_alone_and_ends(
    installed: Sandbox, shopify: ShopClient
) -> None:
    order = buy(installed)
    at = datetime.fromisoformat(order["created_at"])
    wanted = {"customer": order["customer_id"], "starts_at": at, "title": "Okaeri"}
    presents.create_free_shipping(shopify, code="MINE", ends_at=at + timedelta(days=60), **wanted)
    presents.create_free_shipping(
        shopify, code="PAST", ends_at=at + timedelta(microseconds=1), **wanted
    )
    with pytest.raises(GiveUp):
        presents.create_free_shipping(
            shopify, code="MINE", ends_at=at + timedelta(days=1), **wanted
        )
    assert order["shipping"] > 0
    again = buy(installed, codes=("MINE", "PAST"))
    assert (again["shipping"], again["total"]) == (0, order["total"] - order["shipping"])
    assert [one["code"] for one in again["discount_codes"]] == ["MINE"]
    other = buy(installed, codes=("MINE",), email="hanako@example.jp")
    assert other["shipping"] == order["shipping"]
