"""Buying, sending, cancelling: the world by its verbs."""

from __future__ import annotations

import pytest

from app.sandbox import verbs
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, buy


def test_a_card_order_is_paid_and_takes_stock(installed: Sandbox) -> None:
    order = buy(installed, quantity=2)
    assert (order["financial_status"], order["total"], order["shipping"]) == ("paid", 4510, 550)
    assert [line["rate"] for line in order["tax_lines"]] == [0.08, 0.1]
    assert order["checkout_token"]
    assert order["first"]
    sold = verbs.product_by_handle(installed, HINATA, "hinata-blend")
    assert sold is not None
    assert sold["variants"][0]["inventory"] == 238
    assert [one["topic"] for one in reversed(verbs.deliveries(installed))] == [
        "customers/create", "customers_email_marketing_consent/update", "orders/create",
        "orders/paid", "products/update", "orders/updated",
    ]  # fmt: skip


def test_a_checkout_completes_once(installed: Sandbox) -> None:
    order = buy(installed)
    again = verbs.complete_checkout(
        installed, HINATA, order["checkout_token"], email="taro@example.jp"
    )
    assert again["id"] == order["id"]
    assert len(verbs.orders(installed, HINATA)) == 1


def test_a_convenience_store_order_waits_for_its_payment(installed: Sandbox) -> None:
    order = buy(installed, payment="konbini")
    assert order["financial_status"] == "pending"
    assert "orders/paid" not in [one["topic"] for one in verbs.deliveries(installed)]
    assert verbs.mark_paid(installed, HINATA, order["id"])["financial_status"] == "paid"
    assert "orders/paid" in [one["topic"] for one in verbs.deliveries(installed)]


def test_the_second_order_is_the_same_customers(installed: Sandbox) -> None:
    first, second = buy(installed), buy(installed, email="TARO@example.jp")
    assert first["customer_id"] == second["customer_id"]
    assert (first["first"], second["first"]) == (True, False)


def test_without_the_box_nobody_is_subscribed(installed: Sandbox) -> None:
    order = buy(installed, marketing=False)
    known = verbs.customer(installed, HINATA, order["customer_id"])
    assert known is not None
    assert known["marketing_state"] == "not_subscribed"


def test_a_cancelled_order_gives_everything_back(installed: Sandbox) -> None:
    order = verbs.cancel_order(installed, HINATA, buy(installed)["id"])
    assert (order["financial_status"], order["refunded"]) == ("refunded", order["total"])
    sold = verbs.product_by_handle(installed, HINATA, "hinata-blend")
    assert sold is not None
    assert sold["variants"][0]["inventory"] == 240
    topics = [one["topic"] for one in verbs.deliveries(installed)]
    assert {"orders/cancelled", "refunds/create"} <= set(topics)


def test_a_partial_refund_leaves_the_rest(installed: Sandbox) -> None:
    order = buy(installed, quantity=2)
    line = order["lines"][0]
    order = verbs.refund_order(installed, HINATA, order["id"], [(line["id"], 1)])
    assert order["financial_status"] == "partially_refunded"
    assert order["lines"][0]["current_quantity"] == 1
    with pytest.raises(verbs.Refused):
        verbs.refund_order(installed, HINATA, order["id"], [(line["id"], 2)])


def test_what_is_not_in_stock_cannot_be_bought(installed: Sandbox) -> None:
    with pytest.raises(verbs.Refused, match="left"):
        buy(installed, "hajimete-set", quantity=31)


def test_a_digital_book_needs_no_address_and_no_shipping(installed: Sandbox) -> None:
    sold = verbs.product_by_handle(installed, HINATA, "recipe-book")
    assert sold is not None
    opened = verbs.create_checkout(installed, HINATA, [(sold["variants"][0]["id"], 1)])
    order = verbs.complete_checkout(installed, HINATA, opened["token"], email="a@example.jp")
    assert (order["total"], order["shipping_address"]) == (880, None)
    sent = verbs.fulfill(installed, HINATA, order["id"])
    assert (sent["number"], sent["planned"]) == (None, [])


def test_a_till_order_has_no_checkout_and_no_address(installed: Sandbox) -> None:
    sold = verbs.product_by_handle(installed, HINATA, "komorebi-mug")
    assert sold is not None
    order = verbs.create_pos_order(installed, HINATA, [(sold["variants"][0]["id"], 1)])
    assert (order["source_name"], order["checkout_token"], order["email"]) == ("pos", None, None)


def test_nothing_is_posted_for_a_shop_without_the_app(sandbox: Sandbox) -> None:
    buy(sandbox)
    assert verbs.deliveries(sandbox) == []
