"""Orders that no webhook told of are found, and told of once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.errors import TryLater
from app.journal.model import JournalEntry
from app.mirror import errands, jobs, queries
from app.mirror.model import Order
from app.shopify import gateway, payloads
from app.shops import service as shops
from app.shops import tokens
from app.shops.events import ShopInstalled
from tests import make, sign
from tests.make import MadeShop
from tests.mirror import said

INSTALLED = make.at(2026, 5, 20)


class Shopify:
    """The orders a store has; `down` after so many pages."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = [payloads.order(one) for one in orders]
        self.pages_left = 99
        self.asked: list[str] = []

    def placed(self, _client: Any, since: datetime, until: datetime, after: str | None) -> Any:
        found = [one for one in self.orders if since <= one.created_at < until]
        return self._page(sorted(found, key=lambda o: o.created_at, reverse=True), after, "placed")

    def changed(self, _client: Any, since: datetime, after: str | None) -> Any:
        found = [one for one in self.orders if one.updated_at >= since]
        return self._page(sorted(found, key=lambda o: o.updated_at), after, "changed")

    def _page(self, found: list[Any], after: str | None, what: str) -> gateway.Page:
        if self.pages_left == 0:
            raise TryLater("Shopify answered 503")
        self.pages_left -= 1
        self.asked.append(what)
        at = int(after or 0)
        return gateway.Page(found[at : at + 2], str(at + 2) if len(found) > at + 2 else None)


def order(number: int, day: datetime, *, buyer: int = 3001, count: int = 1, **more: Any) -> Any:
    stamp = day.isoformat()
    customer = said.customer(id=buyer, orders_count=count)
    return said.order(
        id=5000 + number,
        name=f"#{number}",
        created_at=stamp,
        processed_at=stamp,
        updated_at=stamp,
        customer=customer,
        line_items=[said.line(id=7000 + number)],
        **more,
    )


@pytest.fixture
def store(app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch) -> Any:
    with shop.work() as session:
        shops.shop(session).installed_at = INSTALLED
    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)

    def opened(*orders: dict[str, Any]) -> Shopify:
        made = Shopify(*orders)
        monkeypatch.setattr(gateway, "orders_placed", made.placed)
        monkeypatch.setattr(gateway, "orders_changed", made.changed)
        return made

    return opened


def facts(shop: MadeShop) -> Counter[str]:
    with shop.work() as session:
        return Counter(session.scalars(select(JournalEntry.kind)))


def test_the_past_is_read_over_a_break_and_nobody_is_told(
    app: Flask, shop: MadeShop, store: Any, client: FlaskClient
) -> None:
    days = [INSTALLED - timedelta(days=back) for back in (1, 2, 3, 4, 5, 91)]
    shopify = store(
        *(order(n, day, count=5 - n, fulfillments=[]) for n, day in enumerate(days)),
    )
    shopify.pages_left = 3
    errands.begin_import(shop.id, ShopInstalled(occurred_at=INSTALLED))
    jobs.catch_up(str(shop.id))
    with shop.work() as session:
        state = queries.order_import(session)
        assert state is not None
        assert (state.found, state.finished_at) == (4, None)
    page = client.get("/app", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}))
    assert "4 past orders read so far" in page.text
    shopify.pages_left = 99
    for _ in range(2):
        jobs.catch_up(str(shop.id))
    with shop.work() as session:
        found = session.scalars(select(Order).order_by(Order.placed_at)).all()
        assert [one.name for one in found] == ["#4", "#3", "#2", "#1", "#0"]
        assert [one.nth for one in found] == [1, 2, 3, 4, 5]
    assert facts(shop)["OrderPlaced"] == 0
    assert facts(shop)["OrdersImported"] == 1
    page = client.get("/app", headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}))
    assert "past orders read so far" not in page.text


def test_what_was_missed_is_told_of_once_even_when_its_webhook_comes_late(
    app: Flask, shop: MadeShop, store: Any
) -> None:
    missed = order(1, INSTALLED + timedelta(days=2), financial_status="paid")
    old = order(2, INSTALLED - timedelta(days=2), financial_status="paid")
    store(missed, old)
    for _ in range(2):
        jobs.catch_up(str(shop.id))
    said.tell(app, ("orders/create", missed), ("orders/paid", missed))
    assert {name: facts(shop)[name] for name in ("OrderPlaced", "OrderPaid")} == {
        "OrderPlaced": 1,
        "OrderPaid": 1,
    }
    with shop.work() as session:
        assert len(session.scalars(select(Order)).all()) == 2
        state = queries.order_import(session)
        assert state is not None
        assert state.seen_at == INSTALLED + timedelta(days=2)


def test_a_shop_that_left_is_not_asked(app: Flask, shop: MadeShop, store: Any) -> None:
    shopify = store()
    with shop.work() as session:
        shops.shop(session).uninstalled_at = INSTALLED
    jobs.catch_up(str(shop.id))
    assert shopify.asked == []
