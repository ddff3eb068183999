"""The warehouse's tags: put on where a box gets something, taken off when it no longer does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.errors import TryLater
from app.inserts import jobs, queries, rules
from app.inserts.model import InsertTag
from app.journal.service import record
from app.mirror.events import OrderCancelled, OrderPaid
from app.mirror.model import Order
from app.shopify import order_verbs
from app.shops import service as shops
from app.shops import tokens
from tests import make, sign
from tests.inserts.test_packing import FIRST, write

TAG = "Okaeri: 初回のお礼"
ALLOWED = "read_orders,write_orders"


class Store:
    """The tags of a store's orders; `scopes` is what its merchant granted."""

    def __init__(self) -> None:
        self.tags: dict[int, list[str]] = {}
        self.scopes = "read_orders"
        self.down = False

    def add(self, _client: Any, kind: str, number: int, tag: str) -> None:
        self._ask(kind)
        self.tags.setdefault(number, []).append(tag)

    def remove(self, _client: Any, kind: str, number: int, tag: str) -> None:
        self._ask(kind)
        self.tags[number].remove(tag)

    def _ask(self, kind: str) -> None:
        assert kind == "Order"
        assert "write_orders" in self.scopes
        if self.down:
            raise TryLater("Shopify answered 503")


@pytest.fixture
def store(shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()

    def learn(_shop_id: int) -> None:
        with shop.work() as session:
            shops.note_scopes(session, made.scopes)

    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)
    monkeypatch.setattr(tokens, "learn", learn)
    monkeypatch.setattr(order_verbs, "add_tag", made.add)
    monkeypatch.setattr(order_verbs, "remove_tag", made.remove)
    learn(shop.id)
    return made


def switch(app: Flask, client: FlaskClient, shop: make.MadeShop, **form: str) -> str:
    """Answer the form and read the page that follows."""
    admin = sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    assert client.post("/app/inserts/tagging", data=form, headers=admin).status_code == 303
    make.settle(app)
    return client.get("/app/inserts", headers=admin).text


def sell(app: Flask, shop: make.MadeShop, **given: Any) -> tuple[int, int]:
    """A paid order comes in; its number, and Shopify's."""
    with shop.work() as session:
        order = make.order(session, **given)
        record(session, OrderPaid(occurred_at=order.placed_at, order_id=order.id))
        numbers = order.id, order.shopify_id
    make.settle(app)
    return numbers


def test_boxes_are_tagged_until_they_are_packed_or_called_off(
    app: Flask, client: FlaskClient, shop: make.MadeShop, store: Store
) -> None:
    write(client, shop, FIRST)
    waiting = sell(app, shop)
    asked = client.get("/app/inserts", headers=sign.admin(shop.domain)).text
    assert 'data-asks="write_orders"' in asked
    store.scopes = ALLOWED
    page = switch(app, client, shop, on="1")
    assert "Stop tagging" in page
    assert "data-asks" not in page
    later, second = sell(app, shop), sell(app, shop, nth=2)
    assert store.tags == {waiting[1]: [TAG], later[1]: [TAG]}
    assert second[1] not in store.tags
    client.post("/app/inserts/packed", data={"order": waiting[0]}, headers=sign.admin(shop.domain))
    with shop.work() as session:
        order = session.get_one(Order, (shop.id, later[0]))
        order.cancelled_at = order.placed_at
        record(session, OrderCancelled(occurred_at=order.placed_at, order_id=order.id))
    make.settle(app)
    assert store.tags == {waiting[1]: [], later[1]: []}

    # Another name is another tag; and without the switch there is none.
    third = sell(app, shop)
    with shop.work() as session:
        (card,) = queries.cards(session)
    renamed = FIRST | {"name": "はじめまして"}
    client.post(f"/app/inserts/cards/{card.id}", data=renamed, headers=sign.admin(shop.domain))
    make.settle(app)
    assert store.tags[third[1]] == ["Okaeri: はじめまして"]
    assert "Tag orders" in switch(app, client, shop, on="")
    assert store.tags[third[1]] == []


def test_who_refuses_reads_it_and_who_takes_the_right_back_too(
    app: Flask, client: FlaskClient, shop: make.MadeShop, store: Store
) -> None:
    write(client, shop, FIRST)
    order = sell(app, shop)
    refused = switch(app, client, shop, on="1", declined="1")
    assert "Okaeri may not change orders in this shop" in refused
    assert 'data-testid="csv"' in refused
    # A browser that claims to have been granted something is not believed.
    assert "Waiting for Shopify" in switch(app, client, shop, on="1")
    assert store.tags == {}
    store.scopes = ALLOWED
    tokens.learn(shop.id)
    make.settle(app)
    assert store.tags == {order[1]: [TAG]}
    store.scopes = "read_orders"
    tokens.learn(shop.id)
    make.settle(app)
    page = client.get(
        "/app/inserts", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    ).text
    assert "Okaeri may not change orders in this shop" in page


def test_a_tag_that_could_not_be_put_on_is_tried_again(
    app: Flask, client: FlaskClient, shop: make.MadeShop, store: Store
) -> None:
    store.scopes = ALLOWED
    switch(app, client, shop, on="1")
    store.down = True
    order = sell(app, shop)
    write(client, shop, FIRST)
    make.settle(app)
    assert store.tags == {}
    store.down = False
    jobs.look(str(shop.id))
    make.settle(app)
    assert store.tags == {order[1]: [TAG]}
    with shop.work() as session:
        row = session.scalars(select(InsertTag)).one()
        assert (row.wanted, row.said) == ([TAG], [TAG])


def test_tags_are_what_shopify_takes() -> None:
    assert rules.tag("Thanks, and more") == "Okaeri: Thanks and more"
    assert len(rules.tag("x" * 80)) == 40
