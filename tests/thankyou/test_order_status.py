"""The order status page: the same block, which decides nothing anew and shows its own."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.mirror import queries as mirror
from app.parcels import queries as parcels
from tests import make, sign
from tests.journeys.world import World
from tests.thankyou.conftest import Ask, Offering
from tests.tracking.test_web import track

STATUS = {"surface": "order_status"}


def gids(offering: Offering, **given: Any) -> tuple[str, str]:
    """An order and its customer by Shopify's names."""
    with offering.shop.work() as session:
        customer = make.customer(session)
        order = make.order(session, customer_id=customer.id, **given)
        return (
            f"gid://shopify/Order/{order.shopify_id}",
            f"gid://shopify/Customer/{customer.shopify_id}",
        )


def test_what_the_thank_you_page_offered_still_holds(offering: Offering, ask: Ask) -> None:
    gids(offering, checkout_token="checkout-1")
    first = ask()["offer"]
    again = ask(**STATUS)
    assert again["offer"]["accept_url"] == first["accept_url"]
    assert again["order_known"] is True


def test_nothing_is_offered_anew(offering: Offering, ask: Ask) -> None:
    gids(offering, checkout_token="checkout-1")
    answer = ask(**STATUS)
    assert answer["offer"] is None
    assert answer["ask_again_in"] is None
    assert ask()["offer"] is not None


@pytest.mark.parametrize(("who", "known"), [("customer", True), ("another", False), ("", False)])
def test_an_order_named_by_its_number_is_shown_to_its_customer_only(
    offering: Offering, ask: Ask, who: str, known: bool
) -> None:
    order, customer = gids(offering, checkout_token=None, name="#2001")
    sub = {"customer": customer, "another": "gid://shopify/Customer/1", "": None}[who]
    answer = ask(None, claims={"sub": sub}, order_gid=order, **STATUS)
    assert answer["order_known"] is known
    assert ("#2001" in str(answer)) is known
    assert (answer["tracking_url"] is not None) is known


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-app"},
        {"exp": 1},
        {"exp": None},
        {"dest": "evil.example"},
        {"iss": "https://other.myshopify.com/checkouts"},
    ],
)
def test_a_token_of_somebody_else_is_refused(
    client: FlaskClient, offering: Offering, claims: dict[str, Any]
) -> None:
    given = dict(claims)
    headers = sign.widget(given.pop("dest", offering.shop.domain), **given)
    for path in ("/widget/thank-you", "/widget/told"):
        answer = client.post(path, json={"module": "survey"}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("issuer", ["https://{}/checkouts", None])
@pytest.mark.parametrize("dest", ["https://{}", "{}"])
def test_tokens_of_both_surfaces_are_taken(
    client: FlaskClient, offering: Offering, issuer: str | None, dest: str
) -> None:
    domain = offering.shop.domain
    headers = sign.widget(dest.format(domain), iss=issuer and issuer.format(domain))
    answer = client.post("/widget/thank-you", json=STATUS, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_browser_may_remember_that_it_may_ask(client: FlaskClient) -> None:
    answer = client.options("/widget/told")
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Max-Age"] == "7200"


@pytest.fixture
def world(app: Flask, offering: Offering) -> World:
    return World(app, offering.shop)


def test_what_is_there_is_not_promised_any_more(world: World, ask: Ask) -> None:
    world.switch_on("review")
    order = world.place(checkout_token="checkout-1")
    before = ask(**STATUS)
    assert before["ways"] == []
    assert before["line"] is not None
    world.deliver(order)
    after = ask(**STATUS, locale="en")
    steps = {step["key"]: step for step in after["steps"]}
    assert steps["arrive"]["title"] == "Delivered"
    assert "ready" in steps["guide"]["text"]
    assert after["line"] is None
    assert [way["url"].split("/")[3] for way in after["ways"]] == ["t", "reviews", "r"]
    assert after["ways"][0]["url"].endswith("#guide")


def test_who_misses_it_is_not_told_that_it_is_there(
    world: World, client: FlaskClient, ask: Ask
) -> None:
    order = world.place(checkout_token="checkout-1")
    world.deliver(order)
    with world.shop.work() as session:
        parcel = parcels.parcels_of(session, order)[0].id
    client.post(f"{track(world.shop, order)}/parcels/{parcel}/not-received")
    answer = ask(**STATUS)
    steps = {step["key"]: step for step in answer["steps"]}
    assert steps["arrive"]["title"] == "お荷物をお調べしています"
    assert "届いていないとのご連絡を承りました" in steps["arrive"]["text"]
    assert steps["arrive"]["done"] is False
    assert "guide" not in steps
    assert answer["ways"] == []


def test_half_an_order_is_not_a_whole_one(world: World, ask: Ask) -> None:
    order = world.place(checkout_token="checkout-1")
    world.deliver(order)
    with world.shop.work() as session:
        mirror.order(session, order).fulfillment_status = "partial"
    answer = ask(**STATUS)
    steps = {step["key"]: step for step in answer["steps"]}
    assert "残りの商品" in steps["prepare"]["text"]
    assert (steps["arrive"]["done"], answer["ways"]) == (False, [])


def test_who_pays_the_driver_learns_what_to_have_ready(offering: Offering, ask: Ask) -> None:
    given = {"financial_status": "pending", "paid_on_delivery": True, "total_minor": 2530}
    gids(offering, checkout_token="checkout-1", **given)
    steps = {one["key"]: one["text"] for one in ask()["steps"]}
    assert "代金引換：¥2,530 を配送員にお支払いください" in steps.pop("arrive")
    assert "代金引換" not in str(steps)
