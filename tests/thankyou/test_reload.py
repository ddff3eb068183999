"""Who reloads a thank-you page is answered from memory, and never with what is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.mirror.model import Order
from app.shops.service import shop as shop_of
from tests import make, sign
from tests.thankyou.conftest import Ask, Offering
from tests.tracking.test_shown_again import counted


def by_heart(app: Flask, ask: Ask, **given: Any) -> Any:
    """Ask until the answer is the one that was kept."""
    for _ in range(3):
        ask(**given)
    with counted(app) as said:
        answer = ask(**given)
    assert not said
    return answer


def placed(offering: Offering) -> None:
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-1")


def test_the_countdown_goes_on_and_the_offer_ends(
    app: Flask, offering: Offering, ask: Ask, later: Callable[..., None]
) -> None:
    placed(offering)
    before = by_heart(app, ask)["offer"]
    later(seconds=5)
    after = ask()["offer"]
    assert before["seconds_left"] - 7 <= after["seconds_left"] <= before["seconds_left"] - 5
    assert after == {**before, "seconds_left": after["seconds_left"]}
    later(seconds=after["seconds_left"] - 3)
    assert by_heart(app, ask)["offer"]["seconds_left"] <= 3
    later(seconds=4)
    over = ask()
    assert over["offer"] is None
    assert over["offer_over"]


def test_what_became_of_the_order_is_seen_at_once(app: Flask, offering: Offering, ask: Ask) -> None:
    placed(offering)
    by_heart(app, ask)
    with offering.shop.work() as session:
        order = session.scalars(select(Order)).one()
        order.cancelled_at = order.placed_at
    assert [step["key"] for step in ask()["steps"]] == ["received", "cancelled"]
    by_heart(app, ask)
    with offering.shop.work() as session:
        shop_of(session).settings = {**shop_of(session).settings, "support_phone": "03-9999-0000"}
    assert ask()["support"]["phone"] == "03-9999-0000"


def test_what_was_declined_elsewhere_is_gone_here(
    app: Flask, client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    placed(offering)
    assert by_heart(app, ask)["offer"]
    body = {"checkout_token": "checkout-1", "locale": "ja-JP", "lines": offering.cart}
    headers = sign.widget(offering.shop.domain)
    assert client.post("/widget/thank-you/decline", json=body, headers=headers).status_code == 200
    assert ask()["offer"] is None


def test_an_answer_is_its_readers_own(app: Flask, offering: Offering, ask: Ask) -> None:
    placed(offering)
    title = by_heart(app, ask)["title"]
    status = {"surface": "order_status", "locale": "en-US"}
    english = by_heart(app, ask, **status)
    assert english["title"] != title == ask()["title"]
    with counted(app) as said:
        ask(**status, claims={"sub": "gid://shopify/Customer/1"})
    assert said
