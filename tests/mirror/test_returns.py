"""A return is known the moment Shopify knows it, in whatever order it tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.consent import queries as consent
from app.core import links
from app.core.clock import now
from app.core.db import dispatching
from app.inbox import jobs as inbox
from app.inbox.service import Delivery, store
from app.journeys.model import JourneyRun
from app.mirror import jobs, queries
from app.mirror.model import OrderLine, Return
from app.recommendations import queries as recommendations
from app.shopify import gateway, order_verbs
from app.shopify.returns import FoundReturn, ReturnedLine
from app.shops import service as shops
from app.shops import tokens
from tests import make
from tests.admin_orders.test_timeline import read, titles
from tests.journeys.world import World
from tests.make import MadeShop
from tests.mirror import said

NUMBER = 8801
LINE = {
    "id": 9901,
    "quantity": 1,
    "return_reason": "unwanted",
    "customer_note": "too sour for my mother",
    "fulfillment_line_item": {"id": 1, "line_item": {"id": 7001}},
}


def told(topic: str, moment: int, **given: Any) -> tuple[str, dict[str, Any], str]:
    """A webhook about the return as Shopify words it, and when it was sent off."""
    body: dict[str, Any] = {"admin_graphql_api_id": f"gid://shopify/Return/{NUMBER}", "id": NUMBER}
    if topic in ("request", "approve"):
        lines = [LINE]
        body |= {"order": {"id": 5001}, "name": "#1001-R1", "return_line_items": lines}
    elif topic == "decline":
        body |= {"order": {"id": 5001}, "decline": {"reason": "other", "note": "worn"}}
    elif topic in ("update", "process"):
        body |= {"return_line_items": {"removals": []}}
        del body["id"]
    else:
        body |= {"order_id": 5001}
    return f"returns/{topic}", {**body, **given}, f"2026-06-0{moment}T01:00:00Z"


def tell(app: Flask, *news: tuple[str, dict[str, Any], str]) -> None:
    """Post them, and let everybody react."""
    for topic, body, at in news:
        answer = said.post(app, topic, body, headers={"X-Shopify-Triggered-At": at})
        assert answer.status_code == 200
    make.settle(app)


def state(shop: MadeShop) -> tuple[str, list[tuple[int, int]], str | None]:
    """The return's status, what is left and goes back of each line, and what holds the buyer."""
    with shop.work() as session:
        order = queries.order_by_shopify_id(session, 5001)
        assert order is not None
        lines = queries.order_lines(session, order.id)
        held = consent.held(session, order.customer_id, order.id)
        return (
            session.scalars(select(Return.status)).one(),
            [(line.current_quantity, line.returned_quantity) for line in lines],
            held.reason if held else None,
        )


@pytest.fixture
def shopify(shop: MadeShop, monkeypatch: pytest.MonkeyPatch) -> dict[int, FoundReturn]:
    """The returns of a store whose merchant lets us read them."""
    found: dict[int, FoundReturn] = {}

    def of_order(_client: Any, order: int) -> list[FoundReturn]:
        return [one for one in found.values() if one.order == order]

    def orders(_client: Any, status: str, _after: str | None = None) -> gateway.Page:
        wanted = {"return_requested": "requested", "in_progress": "open"}.get(status)
        return gateway.Page([one.order for one in found.values() if one.status == wanted], None)

    monkeypatch.setattr(tokens, "client", lambda shop_id: shop_id)
    monkeypatch.setattr(order_verbs, "find_return", lambda _client, number: found.get(number))
    monkeypatch.setattr(order_verbs, "order_returns", of_order)
    monkeypatch.setattr(order_verbs, "orders_returning", orders)
    return found


def open_return(*lines: ReturnedLine) -> FoundReturn:
    return FoundReturn(NUMBER, 5001, "open", "#1001-R1", make.at(2026, 6, 2), None, lines)


def grant(shop: MadeShop, scopes: str) -> None:
    with shop.work() as session:
        shops.note_scopes(session, scopes)


def test_a_return_holds_until_it_ends_and_takes_its_goods_along(app: Flask, shop: MadeShop) -> None:
    tell(app, told("request", 2))
    said.tell(app, ("orders/create", said.order(financial_status="paid")))
    assert state(shop) == ("requested", [(2, 0)], "return")
    tell(app, told("approve", 3))
    assert state(shop) == ("open", [(1, 1)], "return")
    said.tell(
        app,
        (
            "orders/updated",
            said.order(
                updated_at="2026-06-03T12:00:00+09:00", line_items=[said.line(current_quantity=1)]
            ),
        ),
    )
    # Whether Shopify has taken it off the order by then or not, it is gone once.
    assert state(shop)[1] == [(1, 1)]
    tell(app, told("close", 4))
    assert state(shop) == ("closed", [(1, 1)], None)
    tell(app, told("reopen", 5))
    assert state(shop)[0::2] == ("open", "return")
    tell(app, told("cancel", 6))
    assert state(shop) == ("canceled", [(1, 0)], None)


def test_any_order_of_webhooks_ends_alike(app: Flask, shop: MadeShop) -> None:
    said.tell(app, ("orders/create", said.order()))
    news = [told("request", 2), told("approve", 3), told("update", 4), told("close", 5)]
    for number, shuffled in enumerate(permutations(news)):
        with dispatching() as session:
            for part, (topic, body, at) in enumerate((*shuffled, shuffled[number % 4])):
                sent, raw = datetime.fromisoformat(at), msgspec.json.encode(body)
                store(session, Delivery(shop.domain, topic, f"{number}-{part}", raw, None, sent))
        inbox.drain()
        with shop.work() as session:
            assert session.scalars(select(Return.status)).all() == ["closed"], shuffled
            line = session.scalars(select(OrderLine)).one()
            assert (line.current_quantity, line.returned_quantity) == (1, 1), shuffled
            session.execute(delete(Return))
            line.current_quantity, line.returned_quantity = 2, 0


@pytest.mark.parametrize("topic", ["request", "update", "process"])
def test_what_shopify_says_when_asked_counts(
    app: Flask, shop: MadeShop, shopify: dict[int, FoundReturn], topic: str
) -> None:
    grant(shop, "read_orders,read_returns")
    said.tell(app, ("orders/create", said.order()))
    both = ReturnedLine(9901, 7001, 2, "unwanted")
    shopify[NUMBER] = FoundReturn(
        NUMBER, 5001, "open", "#1001-R1", make.at(2026, 6, 2), None, (both,)
    )
    tell(app, told(topic, 2))
    assert state(shop) == ("open", [(0, 2)], "return")
    jobs.read_returns(str(shop.id))
    assert state(shop)[0] == "open"
    del shopify[NUMBER]
    jobs.read_returns(str(shop.id))
    make.settle(app)
    assert state(shop) == ("canceled", [(2, 0)], None)
    tell(app, told("approve", 3))
    assert state(shop)[0] == "canceled"


def test_a_shop_that_grants_the_right_later_learns_of_what_is_open(
    app: Flask, shop: MadeShop, shopify: dict[int, FoundReturn]
) -> None:
    grant(shop, "read_orders")
    said.tell(app, ("orders/create", said.order()))
    one = ReturnedLine(9901, 7001, 1, "unwanted")
    shopify[NUMBER] = FoundReturn(
        NUMBER, 5001, "open", "#1001-R1", make.at(2026, 6, 2), None, (one,)
    )
    jobs.read_returns(str(shop.id))
    with shop.work() as session:
        assert session.scalars(select(Return)).all() == []
    grant(shop, "read_orders,read_returns")
    make.settle(app)
    assert state(shop) == ("open", [(1, 1)], "return")


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            ("Your return has been approved", "A return was agreed", "Waits until this is settled"),
        ),
        ("ja", ("返品を承りました", "返品を承認しました", "解決するまで保留します")),
    ],
)
def test_everybody_reads_of_it_in_plain_words(
    app: Flask, client: FlaskClient, shop: MadeShop, language: str, sentences: tuple[str, str, str]
) -> None:
    world = World(app, shop)
    world.switch_on("review", "cross-sell", "replenish")
    two = [{"title": "Blend", "price_minor": 1980}, {"title": "Mug", "price_minor": 1200}]
    order_id = world.place(shopify_id=5001, locale=language, items_given=two)
    with shop.work() as session:
        lines = queries.order_lines(session, order_id)
        lines[0].shopify_id = 7001
        returned = lines[0].product_shopify_id
        line_id = lines[0].id
        page = links.sign(shop.id, "track", {"order": order_id}, now(session) + timedelta(days=9))
    world.deliver(order_id)
    tell(app, told("request", 2), told("approve", 3))
    tracking = client.get(f"/t/{page}?lang={language}").text
    timeline = read(client, shop, order_id, language)
    assert sentences[0] in tracking
    assert 'data-testid="suggestions"' not in tracking
    assert sentences[1] in titles(timeline, "past")
    assert sentences[2] in timeline
    assert "sour" not in tracking + timeline
    with shop.work() as session:
        suggested = recommendations.suggest(session, order_id=order_id, purpose="related")
        assert returned not in {one.product_shopify_id for one in suggested}
        runs = world_runs(session, order_id)
    # What stays is asked about; what goes back is neither used up nor reordered.
    assert ("review", line_id) not in runs
    assert runs[("replenish", line_id)] == "line_refunded"
    tell(app, told("cancel", 4))
    with shop.work() as session:
        assert world_runs(session, order_id)[("replenish", line_id)] is None


def world_runs(session: Any, order_id: int) -> dict[tuple[str, int | None], str | None]:
    """Why each run of an order ended, by its journey and its line."""
    rows = session.scalars(select(JourneyRun).where(JourneyRun.order_id == order_id))
    return {(row.journey, row.subject_ids.get("line_id")): row.end_reason for row in rows}
