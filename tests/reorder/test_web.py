"""The reorder link: one screen, nothing by a GET, a prefilled checkout, and the order it brings."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.journal import queries as journal
from app.mirror.events import OrderPlaced
from app.mirror.model import Order, Variant
from app.reorder import queries, service
from app.reorder.model import Reorder
from tests import make
from tests.answers import answering, stock


def link_to(session: Session, order: Order, **more: int) -> str:
    subject = {"order": order.id, **more}
    token = links.sign(order.shop_id, "reorder", subject, now(session) + timedelta(days=365))
    return f"/r/{token}"


@pytest.fixture
def link(app: Flask, shop: make.MadeShop) -> str:
    """A reorder link that a replenishment's message (run 3, message 4) carried."""
    with shop.work() as session:
        return link_to(session, make.order(session, shipping_minor=500), run=3, message=4)


def rows(shop: make.MadeShop) -> int:
    with shop.work() as session:
        return session.scalar(select(func.count()).select_from(Reorder)) or 0


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_screen_names_all_six_items_and_orders_nothing(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    page = client.get(link).text
    for said in ("商品と数量", "¥1,980", "送料", "¥500", "お支払い", "お届け時期"):
        assert said in page
    for said in ("キャンセル・返品", "お申し込みの期限", "https://hinata.example/legal"):
        assert said in page
    assert rows(shop) == 0


def test_other_quantities_can_be_seen_first(client: FlaskClient, link: str) -> None:
    page = client.get(link).text
    line = re.search(r'name="(quantity-\d+)"', page)
    assert line
    assert "¥5,940" in client.get(link, query_string={line[1]: "3"}).text


def test_confirming_twice_makes_one_and_leads_to_the_same_checkout(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    ref = field(client.get(link).text, "ref")
    first, second = (client.post(link, data={"ref": ref}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    target = urlsplit(first.location)
    assert target.netloc == shop.domain
    assert re.fullmatch(r"/cart/\d+:1", target.path)
    query = parse_qs(target.query)
    assert query["attributes[okaeri_ref]"] == [ref]
    assert query["checkout[shipping_address][zip]"] == ["150-0001"]
    assert rows(shop) == 1


def test_the_order_that_comes_is_tied_to_the_link(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    ref = field(client.get(link).text, "ref")
    client.post(link, data={"ref": ref})
    with shop.work() as session:
        order = make.order(session, note_attributes={"okaeri_ref": ref})
        placed = OrderPlaced(occurred_at=order.placed_at, order_id=order.id)
        service.on_order_placed(session, placed)
        service.on_order_placed(session, placed)
        (done,) = queries.completed(session)
        assert (done.new_order_id, done.run_id, done.message_id) == (order.id, 3, 4)
        told = [entry.kind for entry in journal.of_order(session, done.order_id)]
        assert told.count("ReorderCompleted") == 1


def test_a_word_of_another_shop_ties_nothing(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop, link: str
) -> None:
    ref = field(client.get(link).text, "ref")
    client.post(link, data={"ref": ref})
    with other_shop.work() as session:
        order = make.order(session, note_attributes={"okaeri_ref": ref})
        placed = OrderPlaced(occurred_at=order.placed_at, order_id=order.id)
        service.on_order_placed(session, placed)
        assert queries.completed(session) == []


def test_what_is_sold_out_is_said_and_not_ordered(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    with shop.work() as session:
        for variant in session.scalars(select(Variant)):
            variant.available = False
    page = client.get(link)
    assert "現在お買い求めいただける商品がございません" in page.text
    assert client.post(link, data={}).status_code == 409
    assert rows(shop) == 0


def test_todays_price_is_shown_beside_the_one_before(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    with shop.work() as session:
        for variant in session.scalars(select(Variant)):
            variant.price_minor = 2200
    page = client.get(link).text
    assert "¥2,200" in page
    assert "前回：¥1,980" in page


def test_what_shopify_has_no_more_is_said_before_anything_is_agreed(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        made = make.order(session)
        link = link_to(session, made)
        number = session.scalars(select(Variant.shopify_id)).one()
    with answering(app, shop) as shopify:
        shopify.says["Stock"] = stock(number, 0)
        answer = client.post(link, data={})
        assert answer.status_code == 409
        assert 'data-testid="reorder-nothing"' in answer.text
        assert rows(shop) == 0
        shopify.says["Stock"] = stock(number, 3)
        assert client.post(link, data={}).status_code == 303


def test_ordering_nothing_is_answered_beside_the_quantities(
    client: FlaskClient, shop: make.MadeShop, link: str
) -> None:
    page = client.get(link).text
    ref = field(page, "ref")
    line = re.search(r'name="(quantity-\d+)"', page)
    assert line
    for language, said, button in (
        ("ja", "商品を1点以上お選びください。", "ご購入手続きへ"),
        ("en", "Choose at least one product.", "Go to checkout"),
    ):
        seen = client.get(link, query_string={"lang": language}).text
        # The form's own address keeps the language, and so does counting anew.
        action = re.search(r'<form method="post" class="card" action="([^"]+)"', seen)
        assert action
        assert f'name="lang" value="{language}"' in seen
        answer = client.post(action[1], data={"ref": ref, line[1]: "0"})
        assert answer.status_code == 422
        assert f'role="alert" id="reorder-said" data-testid="reorder-error">{said}<' in answer.text
        # What was typed stands, and is where the message points; nothing is promised for nothing.
        field_shown = re.search(rf'<input[^>]+name="{line[1]}"[^>]*>', answer.text)
        assert field_shown
        for part in ('value="0"', 'aria-invalid="true"', 'aria-describedby="reorder-said"'):
            assert part in field_shown[0]
        assert f'data-testid="reorder-confirm">{button}</button>' in answer.text
        assert field(answer.text, "ref") == ref
    assert rows(shop) == 0
    assert client.post(link, data={"ref": ref, line[1]: "1"}).status_code == 303
