"""Who works in a shop's admin: asked of Shopify once a day each, named beside what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app.core.clock import machine_now
from app.core.request import current
from app.core.settings import Settings
from app.privacy import service as privacy
from app.shops.model import StaffMember
from app.shops.staff import staff_name
from tests import make, sign
from tests.shopify.fake_shopify import Answer, Shopify

TOKEN = "/admin/oauth/access_token"
Visitor = Callable[..., Any]


@pytest.fixture
def visit(app: Flask, shop: make.MadeShop, shopify: Shopify) -> Iterator[Visitor]:
    """Opens the admin as a member of staff whom we never met."""
    with make.changed(app, shopify_api_url=shopify.url) as made:

        def come(document: str = "", **headers: str) -> Any:
            token, client = sign.id_token(shop.domain, sub="77"), made.test_client()
            if document:
                return client.get(f"/app?{document}&id_token={token}", headers=headers)
            return client.get("/app", headers={"Authorization": f"Bearer {token}", **headers})

        yield come


def says(first: str, last: str, user: int = 77, locale: str = "ja") -> Answer:
    return Answer(
        {
            "access_token": "shpua_secret",
            "scope": "read_orders",
            "expires_in": 86399,
            "associated_user_scope": "read_orders",
            "associated_user": {
                "id": user,
                "first_name": first,
                "last_name": last,
                "email": "misaki@hinata.example",
                "account_owner": True,
                "locale": locale,
                "collaborator": False,
                "email_verified": True,
            },
        }
    )


def known(shop: make.MadeShop, user: str = "77") -> StaffMember:
    with shop.work() as session:
        return session.get_one(StaffMember, (shop.id, user))


def test_whoever_comes_is_asked_about_once_a_day(
    visit: Visitor, shop: make.MadeShop, shopify: Shopify
) -> None:
    shopify.says(TOKEN, says("美咲", "日向"), says("Sarah", "Johnson", locale="en"))
    assert visit().status_code == 200
    assert visit().status_code == 200
    (asked,) = shopify.people()
    assert asked["subject_token_type"].endswith(":id_token")
    found = known(shop)
    assert (found.name, found.locale) == ("日向 美咲", "ja")
    # Neither the token nor the address is kept anywhere.
    kept = {one.key: getattr(found, one.key) for one in inspect(StaffMember).column_attrs}
    assert not [text for text in kept.values() if "shpua" in str(text) or "@" in str(text)]
    with shop.work() as session:
        session.get_one(StaffMember, (shop.id, "77")).ask_after = machine_now() - timedelta(1)
    visit()
    assert len(shopify.people()) == 2
    assert known(shop).name == "Sarah Johnson"
    assert (known(shop).seen_at or machine_now()) > (found.seen_at or machine_now())


@pytest.mark.parametrize(
    "answer",
    [
        Answer({}, 503),
        Answer({"error": "invalid_subject_token"}, 400),
        Answer("no json"),
        says("Another", "Person", user=78),
        Answer({"access_token": "shpua_secret", "scope": ""}),
    ],
)
def test_a_name_that_is_not_told_holds_up_no_page(
    visit: Visitor, shop: make.MadeShop, shopify: Shopify, answer: Answer
) -> None:
    shopify.says(TOKEN, answer)
    assert visit().status_code == 200
    assert visit().status_code == 200
    assert len(shopify.people()) == 1
    assert (known(shop).name, known(shop).seen_at) == ("", None)
    with shop.work() as session:
        session.get_one(StaffMember, (shop.id, "77")).ask_after = machine_now()
    shopify.says(TOKEN, says("美咲", "日向"))
    visit()
    assert known(shop).name == "日向 美咲"


def test_others_read_the_name_and_strangers_stay_numbers(
    app: Flask, visit: Visitor, shop: make.MadeShop, shopify: Shopify
) -> None:
    shopify.says(TOKEN, says("Sarah", "Johnson"))
    visit()
    with app.test_request_context("/app?locale=en", headers=sign.admin(shop.domain)):
        app.preprocess_request()
        session = current().session
        assert staff_name(session, "77") == "Sarah Johnson"
        assert staff_name(session, sign.STAFF) == "you"
        assert "78" in staff_name(session, "78")
        assert staff_name(session, None) == "a member of staff"


def test_what_names_no_language_speaks_that_of_their_admin(
    visit: Visitor, shop: make.MadeShop, shopify: Shopify
) -> None:
    shopify.says(TOKEN, says("Sarah", "Johnson", locale="en-GB"))
    assert '<html lang="en"' in visit(**{"Accept-Language": "ja"}).text
    assert '<html lang="ja"' in visit(**{"Okaeri-Locale": "ja"}).text
    # They choose another one: Shopify's next document says so, and nothing after it need.
    switched = visit(f"shop={shop.domain}&locale=ja", **{"Accept-Language": "en"})
    assert '<html lang="ja"' in switched.text
    assert '<html lang="ja"' in visit(**{"Accept-Language": "en"}).text


def test_names_go_with_the_shop(
    visit: Visitor, shop: make.MadeShop, shopify: Shopify, settings: Settings
) -> None:
    shopify.says(TOKEN, says("美咲", "日向"))
    visit()
    with shop.work() as session:
        privacy.erase_shop(session)
    with shop.work() as session:
        assert session.scalars(select(StaffMember)).all() == []
