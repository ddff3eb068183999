"""How products are used: guesses with a reason, and the staff's last word."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from app.mirror import queries
from app.mirror.rules import guess_kind
from tests import make, sign
from tests.make import MadeShop
from tests.mirror import said

EN = {"Okaeri-Locale": "en"}


def product(number: int, title: str, kind: str, tags: str = "") -> tuple[str, dict[str, object]]:
    body = {
        "id": number, "title": title, "product_type": kind, "tags": tags, "vendor": "Hinata",
        "updated_at": f"2026-06-0{number}T00:00:00Z",
        "variants": [{"id": number + 100, "price": "100"}],
    }  # fmt: skip
    return "products/update", body


def rows(text: str) -> list[tuple[str, str]]:
    return re.findall(r'data-kind="(\w+)" data-confirmed="(\w+)"', text)


def test_a_guess_says_what_it_rests_on() -> None:
    assert guess_kind("Coffee", [], "x").reason == "type:coffee"
    assert guess_kind("", ["ギフト"], "x").reason == "tags:ギフト"
    assert guess_kind("", [], "革の財布 時計").reason == "title:時計"
    assert guess_kind("", [], "x").reason == "nothing"
    assert guess_kind("Coffee", [], "x", requires_shipping=False).reason == "shipping"


def test_the_staffs_word_stands_against_every_later_guess(
    app: Flask, client: FlaskClient, shop: MadeShop
) -> None:
    said.tell(app, product(1, "Blend", "Coffee"), product(2, "Wallet", ""))
    headers = sign.admin(shop.domain, **EN)
    page = client.get("/app/products", headers=headers)
    assert rows(page.text) == [("consumable", "no"), ("standard", "no")]
    assert "Guessed: its type says “coffee”" in page.text
    with shop.work() as session:
        blend = queries.product_by_shopify_id(session, 1)
        assert blend is not None
        assert blend.vendor == "Hinata"
    form = {"product": [str(blend.id)], "as": "long_cycle", "do": "confirm"}
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = client.post("/app/products", data=form, headers={**headers, **partial})
    assert "<html" not in answer.text
    assert rows(answer.text) == [("long_cycle", "yes"), ("standard", "no")]
    assert "by you" in answer.text
    said.tell(
        app,
        (
            "products/update",
            {**product(1, "Blend", "Tea")[1], "updated_at": "2026-07-01T00:00:00Z"},
        ),
    )
    only = client.get("/app/products?open=1", headers=headers)
    assert rows(only.text) == [("standard", "no")]
    assert rows(client.get("/app/products?kind=long_cycle&q=blend", headers=headers).text) == [
        ("long_cycle", "yes")
    ]
    client.post("/app/products", data={**form, "do": "again"}, headers=headers)
    assert rows(client.get("/app/products", headers=headers).text)[0] == ("consumable", "no")


def test_mistakes_are_said_and_nothing_changes(
    client: FlaskClient, shop: MadeShop, other_shop: MadeShop
) -> None:
    with other_shop.work() as session:
        theirs = make.product(session)[0].id
    with shop.work() as session:
        mine = make.product(session)[0].id
    headers = sign.admin(shop.domain, **EN)
    nothing = client.post("/app/products", data={"do": "confirm"}, headers=headers)
    assert nothing.status_code == 422
    assert "Choose at least one product." in nothing.text
    wrong = {"product": [str(mine)], "as": "toy", "do": "confirm"}
    assert client.post("/app/products", data=wrong, headers=headers).status_code == 422
    client.post("/app/products", data={"product": [str(theirs)], "as": "gift"}, headers=headers)
    with other_shop.work() as session:
        assert queries.products(session)[0].kind == "consumable"
