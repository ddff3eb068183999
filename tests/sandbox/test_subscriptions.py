"""Selling plans in the simulated Shopify: bought in the store, told by the API, ordered again."""

from __future__ import annotations

import json
from datetime import timedelta

from flask.testing import FlaskClient

from app.core import clock
from app.sandbox import agenda, verbs, webhooks
from app.sandbox.running import Sandbox
from app.sandbox.timemachine import HANDLERS
from app.shopify import gateway
from app.shopify.client import ShopClient
from app.shopify.payloads import PlanPayload
from tests.sandbox.conftest import ADDRESS, HINATA, Listener


def test_what_is_subscribed_to_comes_again_until_it_is_stopped(
    installed: Sandbox, listener: Listener, shopify: ShopClient, http: FlaskClient
) -> None:
    blend = verbs.product_by_handle(installed, HINATA, "hinata-blend")
    assert blend is not None
    assert 'data-testid="subscribe"' in http.get(f"/{HINATA}/products/hinata-blend").text
    variant, plan = blend["variants"][0], blend["plans"][0]
    wanted = {"add": variant["id"], "quantity": "2", "plan": plan["id"]}
    token = http.post(f"/{HINATA}/subscribe", data=wanted).headers["Location"].rsplit("/", 1)[1]
    order = verbs.complete_checkout(
        installed, HINATA, token, email="hanako@example.jp", address=ADDRESS, payment="card"
    )
    assert order["lines"][0]["price"] == variant["price"] * 9 // 10
    # Webhooks leave it out; the API tells it.
    while webhooks.post_one(installed):
        pass
    assert listener.calls
    assert all(plan["name"] not in json.dumps(json.loads(one.body)) for one in listener.calls)
    told = PlanPayload(name=plan["name"], kind="subscription", days=30)
    assert gateway.order_details(shopify, order["id"]).plans == {order["lines"][0]["id"]: told}

    for count in (2, 3):
        clock.shift_to(
            installed.owner, clock.business_now(installed.owner) + timedelta(days=plan["days"])
        )
        agenda.fire_due(installed, HANDLERS)
        newest, *rest = verbs.orders(installed, HINATA)
        assert len(rest) == count - 1
        assert newest["source_name"] == "subscription_contract_checkout_one"
        assert newest["lines"][0]["plan"]["id"] == plan["id"]
        assert newest["checkout_token"] is None
    page = f"/admin/store/hinata-coffee/orders/{newest['id']}"
    assert 'data-testid="renews"' in http.get(page).text
    assert http.post(f"{page}/subscription/stop").status_code == 303
    clock.shift_to(
        installed.owner, clock.business_now(installed.owner) + timedelta(days=plan["days"])
    )
    agenda.fire_due(installed, HANDLERS)
    assert len(verbs.orders(installed, HINATA)) == 3
