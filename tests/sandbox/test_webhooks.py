"""Webhooks: signed, retried, repeated, late; and the app proxy's signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.sandbox import verbs, webhooks
from app.sandbox.proxy import proxy_signature
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, SECRET, Call, Listener, buy


def post_all(sandbox: Sandbox) -> None:
    """Post whatever is due, now and within the next two seconds."""
    ends = time.monotonic() + 2.5
    while time.monotonic() < ends and webhooks.busy(sandbox, 2.0):
        if not webhooks.post_one(sandbox):
            time.sleep(0.05)


def test_a_webhook_is_signed_over_its_raw_body(installed: Sandbox, listener: Listener) -> None:
    order = buy(installed)
    post_all(installed)
    call = next(c for c in listener.calls if c.headers["X-Shopify-Topic"] == "orders/create")
    made = base64.b64encode(hmac.new(SECRET.encode(), call.body, hashlib.sha256).digest()).decode()
    assert call.headers["X-Shopify-Hmac-Sha256"] == made
    assert call.path == "/hooks/shopify"
    names = ("Shop-Domain", "API-Version", "Webhook-Id", "Event-Id", "Triggered-At")
    assert all(call.headers[f"X-Shopify-{name}"] for name in names)
    body = json.loads(call.body)
    assert body["id"] == order["id"]
    assert "checkout_token" not in body
    assert "checkout_id" not in body
    assert body["total_price"] == "2530"
    assert body["created_at"].endswith("+09:00")
    assert body["customer"]["email_marketing_consent"]["state"] == "subscribed"
    assert body["order_status_url"].startswith("http://sandbox.test:8800/")


def test_a_refused_webhook_is_tried_again_later_and_given_up(
    installed: Sandbox, listener: Listener
) -> None:
    listener.reply = lambda _call: (500, {}, b"")
    verbs.edit_shop(installed, HINATA, plan="advanced")
    number = verbs.deliveries(installed)[0]["id"]
    for attempt in range(1, 10):
        assert webhooks.post_one(installed)
        found = verbs.delivery(installed, number)
        assert found is not None
        assert found["attempts"] == attempt
        _hurry(installed)
    assert (found["state"], found["status"], len(found["history"])) == ("failed", 500, 9)
    assert not webhooks.post_one(installed)
    listener.reply = lambda _call: (200, {}, b"")
    verbs.redeliver(installed, number)
    post_all(installed)
    found = verbs.delivery(installed, number)
    assert found is not None
    assert found["state"] == "delivered"
    assert len({call.headers["X-Shopify-Webhook-Id"] for call in listener.calls}) == 1


def _hurry(sandbox: Sandbox) -> None:
    with sandbox.store.engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET next_at = clock_timestamp()"))


def test_the_retries_take_four_hours() -> None:
    assert len(webhooks.WAITS_S) == 8
    assert sum(webhooks.WAITS_S) == pytest.approx(4 * 3600, rel=0.01)


def test_some_are_repeated_and_some_are_late(installed: Sandbox, listener: Listener) -> None:
    verbs.set_switch(installed, "calm", False)
    for plan in ("advanced", "plus", "basic", "advanced", "plus", "basic", "advanced"):
        verbs.edit_shop(installed, HINATA, plan=plan)
    post_all(installed)
    ids = [call.headers["X-Shopify-Webhook-Id"] for call in listener.calls]
    rows = {one["number"]: one for one in verbs.deliveries(installed)}
    assert len(ids) == 8
    assert ids.count(rows[7]["webhook_id"]) == 2
    assert ids.index(rows[5]["webhook_id"]) > ids.index(rows[6]["webhook_id"])
    assert rows[5]["note"] == "late"


def test_held_webhooks_wait(installed: Sandbox, listener: Listener) -> None:
    verbs.set_switch(installed, "hold_webhooks", True)
    verbs.edit_shop(installed, HINATA, plan="plus")
    assert not webhooks.post_one(installed)
    verbs.set_switch(installed, "hold_webhooks", False)
    post_all(installed)
    assert listener.topics() == ["shop/update"]


def test_compliance_goes_to_its_own_address(installed: Sandbox, listener: Listener) -> None:
    order = buy(installed)
    verbs.request_data(installed, HINATA, order["customer_id"])
    verbs.request_redaction(installed, HINATA, order["customer_id"])
    post_all(installed)
    asked = {c.headers["X-Shopify-Topic"]: c for c in listener.calls if "compliance" in c.path}
    assert set(asked) == {"customers/data_request", "customers/redact"}
    assert json.loads(asked["customers/redact"].body)["orders_to_redact"] == [order["id"]]


def test_the_proxy_signs_as_shopify_publishes() -> None:
    query = [
        ("extra", "1"), ("extra", "2"), ("shop", "shop-name.myshopify.com"),
        ("logged_in_customer_id", "1"), ("path_prefix", "/apps/awesome_reviews"),
        ("timestamp", "1317327555"),
    ]  # fmt: skip
    published = "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
    assert proxy_signature("hush", query) == published


def test_a_proxied_page_comes_back_with_its_kind(installed: Sandbox, listener: Listener) -> None:
    def reply(call: Call) -> tuple[int, dict[str, str], bytes]:
        if call.path.startswith("/proxy/old"):
            return 302, {"Location": "/proxy/new"}, b""
        return 200, {"Content-Type": "application/liquid; charset=utf-8"}, b"{{ shop.name }}"

    listener.reply = reply
    answer = verbs.proxy_request(installed, HINATA, "t/abc", [("a", "1"), ("shop", "evil")])
    assert (answer.liquid, answer.body) == (True, b"{{ shop.name }}")
    url = urlsplit(listener.calls[0].path)
    assert url.path == "/proxy/t/abc"
    query = parse_qsl(url.query, keep_blank_values=True)
    signature = query.pop()[1]
    assert signature == proxy_signature(SECRET, query)
    assert dict(query)["shop"] == HINATA
    assert dict(query)["path_prefix"] == "/apps/okaeri"
    assert "Cookie" not in listener.calls[0].headers
    assert verbs.proxy_request(installed, HINATA, "old", []).status == 200


def test_commands_want_their_header(http: FlaskClient, installed: Sandbox) -> None:
    url = "/_sandbox/verbs/switches"
    assert http.post(url, json={}).status_code == 403
    answer = http.post(url, json={}, headers={"X-Okaeri-Sandbox": "1"})
    assert answer.get_json()["answer"]["smtp"] == "ok"
    nothing = http.post("/_sandbox/verbs/seed", json={}, headers={"X-Okaeri-Sandbox": "1"})
    assert nothing.status_code == 404


def test_a_till_order_is_announced_as_handed_over(installed: Sandbox, listener: Listener) -> None:
    sold = verbs.product_by_handle(installed, HINATA, "komorebi-mug")
    assert sold is not None
    verbs.create_pos_order(installed, HINATA, [(sold["variants"][0]["id"], 1)])
    post_all(installed)
    call = next(c for c in listener.calls if c.headers["X-Shopify-Topic"] == "orders/create")
    body = json.loads(call.body)
    told = (body["source_name"], body["fulfillment_status"], body["email"], body["customer"])
    assert told == ("pos", "fulfilled", None, None)


def test_a_parcel_is_told_with_its_number_and_lines(installed: Sandbox, listener: Listener) -> None:
    order = buy(installed, quantity=3)
    line = order["lines"][0]["id"]
    verbs.fulfill(
        installed, HINATA, order["id"], [(line, 2)], company="Sagawa (JA)", number="123456789013"
    )
    post_all(installed)
    call = next(c for c in listener.calls if c.headers["X-Shopify-Topic"] == "fulfillments/create")
    body = json.loads(call.body)
    assert (body["tracking_company"], body["tracking_number"]) == ("Sagawa (JA)", "123456789013")
    assert body["tracking_url"].endswith("123456789013")
    assert [(one["id"], one["quantity"]) for one in body["line_items"]] == [(line, 2)]
    found = verbs.order(installed, HINATA, order["id"])
    assert found is not None
    assert found["fulfillment_status"] == "partial"
    assert [
        one["fulfillable_quantity"] for one in verbs.open_lines(installed, HINATA, order["id"])
    ] == [1]
