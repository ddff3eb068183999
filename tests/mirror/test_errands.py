"""What the mirror fetches because webhooks lack it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import TryLater
from app.journal.model import JournalDelivery, JournalEntry
from app.mirror import errands, queries
from app.mirror.events import OrderPlaced
from app.mirror.model import Order, OrderLine, Product
from app.shopify import gateway
from app.shopify.payloads import PlanPayload
from app.shops import tokens
from app.shops.events import ShopInstalled
from tests import make
from tests.make import MadeShop
from tests.mirror import said

THEN = make.at(2026, 6, 1)


def details(**given: Any) -> gateway.OrderDetails:
    values: dict[str, Any] = {
        "shopify_id": 5001,
        "updated_at": THEN,
        "checkout_token": "tok",
        "confirmation_number": "XYZ",
        "locale": "ja-JP",
        "status_url": "https://hinata.example/status",
        "customer_orders": 1,
        "customer_tags": None,
        "estimated_delivery": {},
    }
    return gateway.OrderDetails(**{**values, **given})


def found(number: int, moment: datetime = THEN) -> gateway.FoundProduct:
    variant = gateway.FoundVariant(
        shopify_id=number + 1,
        title="One",
        sku="S",
        price=Decimal("19.80"),
        available=True,
        inventory=None,
        requires_shipping=False,
    )
    return gateway.FoundProduct(
        shopify_id=number,
        title="Brewing course",
        handle="course",
        product_type="",
        vendor="",
        tags=[],
        collections=[],
        status="active",
        image_url=None,
        updated_at=moment,
        variants=[variant],
    )


@pytest.fixture(autouse=True)
def access(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)


def test_an_order_learns_its_checkout(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "order_details", lambda _client, _number: details())
    said.tell(app, ("orders/create", said.order(confirmation_number=None, customer_locale=None)))
    with shop.work() as session:
        order = queries.order_by_checkout_token(session, "tok")
        assert order is not None
        assert (order.confirmation_number, order.locale) == ("XYZ", "ja-JP")
        assert order.status_url == "https://hinata.example/orders/status/key"
        event = OrderPlaced(occurred_at=THEN, order_id=order.id)
    errands.enrich(shop.id, event)
    with shop.work() as session:
        kinds = session.scalars(select(JournalEntry.kind)).all()
    assert kinds.count("OrderEnriched") == 1


def test_an_order_learns_what_of_it_is_a_subscription(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = PlanPayload(name="毎月お届け", kind="subscription", days=30)
    monkeypatch.setattr(gateway, "order_details", lambda *_: details(plans={7001: plan}))
    said.tell(app, ("orders/create", said.order()))
    # A later webhook says nothing of plans, which takes nothing back.
    said.tell(app, ("orders/updated", said.order(updated_at="2026-06-03T12:00:00+09:00")))
    with shop.work() as session:
        line = session.scalars(select(OrderLine)).one()
        event = OrderPlaced(occurred_at=THEN, order_id=line.order_id)
    assert (line.plan_name, line.plan_kind, line.plan_days) == ("毎月お届け", "subscription", 30)
    errands.enrich(shop.id, event)
    with shop.work() as session:
        kinds = session.scalars(select(JournalEntry.kind)).all()
    assert kinds.count("SubscriptionOrdered") == 1


def test_shopify_being_down_delays_nothing_but_the_checkout(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_client: Any, _number: int) -> gateway.OrderDetails:
        raise TryLater("Shopify answered 503")

    monkeypatch.setattr(gateway, "order_details", down)
    said.tell(app, ("orders/create", said.order()))
    with shop.work() as session:
        assert session.scalars(select(Order)).one().checkout_token is None
        waiting = session.scalars(
            select(JournalDelivery).where(JournalDelivery.lane == "errands")
        ).one()
    assert (waiting.state, waiting.error) == ("scheduled", "Shopify answered 503")


def test_a_new_store_reads_its_whole_catalogue(
    app: Flask, other_shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {
        None: gateway.Page([found(100), found(200)], "next"),
        "next": gateway.Page([found(300)], None),
    }
    info = gateway.ShopInfo(
        "Maple", "maple-goods.myshopify.com", "https://maple.example", None, "USD", "UTC", "US", ""
    )
    monkeypatch.setattr(gateway, "shop_info", lambda _client: info)
    monkeypatch.setattr(gateway, "products_page", lambda _client, after: pages[after])
    for _ in range(2):
        errands.backfill(other_shop.id, ShopInstalled(occurred_at=THEN))
    with other_shop.work() as session:
        products = session.scalars(select(Product)).all()
        variant = queries.variant(session, 101)
    assert [product.kind for product in products] == ["digital"] * 3
    assert variant is not None
    assert variant.price_minor == 1980
