"""The three compliance webhooks, to the last row."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select, text

from app.core.db import Base
from app.core.tenancy import find_shop
from app.inbox import service as inbox
from app.inbox.model import Webhook
from app.mirror import queries
from app.mirror.model import Customer, Order
from app.privacy import service
from app.privacy.model import PrivacyRequest
from app.shops import service as shops
from tests import make, sign
from tests.make import MadeShop
from tests.mirror import said

PATH = "/hooks/shopify/compliance"
PERSONAL = ("taro@example.com", "山田", "太郎", "上原", "090-0000-0000", "123456789013", "刻印")


def life(app: Flask) -> None:
    """An order with all that may be personal, shipped and scanned."""
    engraved = said.line(properties=[{"name": "刻印", "value": "太郎より"}])
    said.tell(
        app,
        ("orders/create", said.order(phone="090-0000-0000", line_items=[engraved])),
        ("fulfillments/create", said.fulfillment()),
        ("fulfillment_events/create", said.scan()),
    )


def comply(app: Flask, topic: str, **given: Any) -> None:
    body = {"shop_id": 1, "shop_domain": "hinata-coffee.myshopify.com", **given}
    assert said.post(app, topic, body, path=PATH).status_code == 200
    make.settle(app)


def request_of(shop: MadeShop) -> PrivacyRequest:
    with shop.work() as session:
        return session.scalars(select(PrivacyRequest)).one()


def rows_with(owner: Engine, words: tuple[str, ...]) -> list[str]:
    """Every row of every table, whosever, that still says one of the words."""
    found = []
    with owner.connect() as connection:
        for name in Base.metadata.tables:
            for row in connection.execute(text(f"SELECT t::text FROM {name} AS t")).scalars():
                found += [f"{name}: {word}" for word in words if word in row]
    return found


PERSON = {"id": 3001, "email": "taro@example.com", "phone": "090-0000-0000"}


def test_a_wrong_signature_is_401(app: Flask, shop: MadeShop) -> None:
    forged = {"X-Shopify-Hmac-Sha256": "Z3Vlc3NlZA=="}
    answer = said.post(app, "customers/redact", {}, path=PATH, headers=forged)
    assert answer.status_code == 401


def test_a_customer_is_erased_from_every_table(
    app: Flask, shop: MadeShop, other_shop: MadeShop, owner: Engine
) -> None:
    life(app)
    assert rows_with(owner, PERSONAL)
    comply(app, "customers/redact", customer=PERSON, orders_to_redact=[5001])
    assert rows_with(owner, PERSONAL) == []
    with shop.work() as session:
        bodies = [inbox.content(webhook) for webhook in session.scalars(select(Webhook))]
        order = session.scalars(select(Order)).one()
        assert order.redacted_at is not None
        assert (order.total_minor, order.name) == (4460, "#1001")
        assert order.note_attributes == {"okaeri_ref": "ref1"}
    assert set(bodies) == {inbox.ERASED}
    request = request_of(shop)
    assert request.completed_at is not None
    assert request.kind == "customer_redact"
    # A customer, an order, its line, parcel and scan; and four webhooks, this one too.
    assert request.result["mirror"] == 5 + 4
    assert request.result["parcels"] == 1


def test_a_late_webhook_brings_nothing_back(app: Flask, shop: MadeShop, owner: Engine) -> None:
    life(app)
    comply(app, "customers/redact", customer=PERSON)
    said.tell(
        app,
        (
            "orders/updated",
            said.order(updated_at="2026-07-01T10:00:00+09:00", total_price="100"),
        ),
        ("customers/update", said.customer(updated_at="2026-07-01T10:00:00+09:00")),
    )
    assert rows_with(owner, PERSONAL) == []
    with shop.work() as session:
        assert session.scalars(select(Order.total_minor)).one() == 100
        assert session.scalars(select(Customer.marketing_state)).one() == "redacted"


def test_a_webhook_still_waiting_for_its_order_is_skipped(app: Flask, shop: MadeShop) -> None:
    life(app)
    stranger = said.fulfillment(id=6002, order_id=9999)
    said.tell(app, ("fulfillments/create", {**stranger, "email": "taro@example.com"}))
    comply(app, "customers/redact", customer=PERSON)
    with shop.work() as session:
        waiting = session.scalars(select(Webhook).where(Webhook.state == "skipped")).one()
    assert waiting.error == "erased at the customer's request"


def test_an_unknown_customer_is_noted(app: Flask, shop: MadeShop) -> None:
    comply(app, "customers/redact", customer={"id": 77, "email": "who@example.com"})
    assert request_of(shop).result == {"known": False}
    with shop.work() as session:
        assert session.scalars(select(Customer)).all() == []


def test_a_request_without_a_customer_is_kept_with_the_reason(app: Flask, shop: MadeShop) -> None:
    comply(app, "customers/redact")
    with shop.work() as session:
        (webhook,) = session.scalars(select(Webhook))
    assert (webhook.state, webhook.error) == ("failed", "payload: no customer in it")


def test_a_customers_data_is_handed_to_the_merchant_alone(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    life(app)
    comply(app, "customers/data_request", customer=PERSON, data_request={"id": 9})
    client = app.test_client()
    page = client.get("/app/privacy?locale=ja", headers=sign.admin(shop.domain))
    assert "データの開示" in page.text
    assert "taro@example.com" not in page.text
    path = f"/app/privacy/{request_of(shop).id}/export"
    assert client.get(path).status_code == 302  # to where a token is fetched
    assert client.get(path, headers=sign.admin(other_shop.domain)).status_code == 404
    answer = client.get(path, headers=sign.admin(shop.domain))
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert data["mirror"]["customer"]["email"] == "taro@example.com"
    assert data["mirror"]["orders"][0]["lines"][0]["attributes"] == {"刻印": "太郎より"}
    assert data["consent"]["ledger"][0]["granted"] is True


def test_the_merchant_reads_what_was_erased(
    app: Flask, other_shop: MadeShop, shop: MadeShop
) -> None:
    life(app)
    comply(app, "customers/redact", customer=PERSON)
    page = app.test_client().get("/app/privacy?locale=en", headers=sign.admin(shop.domain))
    assert "Erasure of a customer" in page.text
    assert "records erased" in page.text


def test_a_shop_that_left_is_erased_whole(
    app: Flask, shop: MadeShop, other_shop: MadeShop, owner: Engine
) -> None:
    life(app)
    with shop.work() as session:
        shops.uninstall(session)
    make.settle(app)
    comply(app, "shop/redact")
    with owner.connect() as connection:
        for name, table in Base.metadata.tables.items():
            if "shop_id" in table.columns:
                query = text(f"SELECT count(*) FROM {name} WHERE shop_id = :shop")
                assert connection.execute(query, {"shop": shop.id}).scalar_one() == 0, name
    assert find_shop(shop.domain) is None
    assert find_shop(other_shop.domain) == other_shop.id
    # Whatever still comes from it afterwards is a stray.
    assert said.post(app, "shop/redact", {"shop_domain": shop.domain}, path=PATH).status_code == 200


def test_a_shop_that_came_back_keeps_its_data(app: Flask, shop: MadeShop) -> None:
    life(app)
    comply(app, "shop/redact")
    assert request_of(shop).result == {"skipped": "installed again"}
    with shop.work() as session:
        assert queries.order_by_shopify_id(session, 5001) is not None


def test_a_shop_can_erase_no_other(app: Flask, shop: MadeShop, other_shop: MadeShop) -> None:
    with shop.work() as session:
        service.erase_shop(session)
    assert find_shop(shop.domain) is None
    with other_shop.work() as session:
        assert shops.shop(session).domain == other_shop.domain
