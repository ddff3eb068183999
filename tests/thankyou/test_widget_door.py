"""Who may ask the extension's question, and what is answered to everybody else."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.thankyou.model import ThankYouVisit
from tests import make, sign
from tests.thankyou.conftest import Ask, Offering


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"checkout_token": ""}',
        b'{"checkout_token": "a b"}',
        b'{"checkout_token": 7}',
        b'{"checkout_token": "x", "lines": [{"variant_id": "gid://evil/1"}]}',
        b'{"checkout_token": "x", "lines": "all"}',
        b"\xff\xfe",
    ],
)
def test_nonsense_is_answered_as_such(client: FlaskClient, offering: Offering, body: bytes) -> None:
    response = client.post(
        "/widget/thank-you", data=body, headers=sign.widget(offering.shop.domain)
    )
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    with offering.shop.work() as session:
        assert session.scalars(select(ThankYouVisit)).all() == []


def test_without_a_session_token_nobody_comes_in(client: FlaskClient, offering: Offering) -> None:
    body = {"checkout_token": "x"}
    assert client.post("/widget/thank-you", json=body).status_code == 401
    forged = {"Authorization": "Bearer e30.e30.e30"}
    assert client.post("/widget/thank-you", json=body, headers=forged).status_code == 401


def test_a_browser_may_ask_first(client: FlaskClient, offering: Offering) -> None:
    response = client.options("/widget/thank-you")
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_another_shops_checkout_is_nobodys(
    client: FlaskClient, offering: Offering, ask: Ask, other_shop: make.MadeShop
) -> None:
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-1", name="#1001")
    ask()
    response = client.post(
        "/widget/thank-you",
        json={"checkout_token": "checkout-1", "locale": "en"},
        headers=sign.widget(other_shop.domain),
    )
    assert response.json is not None
    assert response.json["order_known"] is False
    assert "#1001" not in response.text
    assert response.json["title"] == "What happens next"
