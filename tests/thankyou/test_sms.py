"""The box for SMS: the merchant's choice, unticked, with words and a number of its own; what is
ticked is kept with its proof, told to Shopify, and taken back where all messages are chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.consent import errands, queries
from app.consent.events import Subscribed, Unsubscribed
from app.core import links
from app.core.clock import now
from app.shops import service as shops
from app.shops.settings import ConsentSettings
from tests import make, sign

PAGE = {"checkout_token": "one", "locale": "ja-JP"}


def placed(shop: make.MadeShop, *, phone: str | None = None, ask: bool = True, **given: Any) -> int:
    """A customer's order in a shop that asks; answers the customer's id."""
    with shop.work() as session:
        shops.keep_consent_settings(session, ConsentSettings(ask_sms=ask))
        buyer = make.customer(session, phone=None, **given)
        make.order(
            session,
            buyer=buyer,
            checkout_token="one",
            shipping_address={"country_code": "JP", "phone": phone},
        )
        return int(buyer.id)


def module(client: FlaskClient, shop: make.MadeShop) -> Any:
    page = client.post("/widget/thank-you", json=PAGE, headers=sign.widget(shop.domain)).json
    return next((one for one in page["modules"] if one["key"] == "sms"), None)


def tell(client: FlaskClient, shop: make.MadeShop, **values: str) -> int:
    body = {**PAGE, "module": "sms", "values": values}
    return client.post("/widget/told", json=body, headers=sign.widget(shop.domain)).status_code


@pytest.mark.parametrize(
    "given",
    [
        {"ask": False},
        {"sms_state": "subscribed"},
        {"sms_state": "unsubscribed"},
        {"sms_updated_at": make.at(2026, 1, 1)},
    ],
)
def test_nobody_is_asked_twice_nor_where_the_merchant_does_not_ask(
    client: FlaskClient, shop: make.MadeShop, given: dict[str, Any]
) -> None:
    placed(shop, phone="090-1234-5678", **given)
    assert module(client, shop) is None
    assert tell(client, shop, agree="on") == 404


def test_a_tick_is_kept_with_its_words_told_to_shopify_and_taken_back(
    client: FlaskClient, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = placed(shop, phone="０９０－１２３４－５６７８")
    box = module(client, shop)
    assert [(one["name"], one["value"]) for one in box["fields"]] == [("agree", "")]
    assert "090-****-5678" in box["text"]
    assert [tell(client, shop), tell(client, shop, agree="on")] == [422, 200]
    assert module(client, shop)["done"]
    with shop.work() as session:
        (record,) = queries.ledger(session, buyer)
        assert (record.channel, record.granted, record.source) == ("sms", True, "thank_you")
        (text,) = queries.texts(session, [record.evidence["text"]]).values()
        assert "広告・宣伝のSMS" in text.text
        assert queries.addresses(session, buyer) == {"sms": "+819012345678"}
        token = links.sign(
            shop.id, "preferences", {"customer": buyer}, now(session) + timedelta(days=1)
        )

    told: list[Any] = []
    monkeypatch.setattr(errands.tokens, "client", lambda shop_id: shop_id)
    monkeypatch.setattr(errands.gateway, "set_phone", lambda _c, _id, number: told.append(number))
    monkeypatch.setattr(
        errands.gateway,
        "update_sms_consent",
        lambda _c, _id, *, subscribed, at: told.append(subscribed),  # noqa: ARG005
    )
    word: dict[str, Any] = {"customer_id": buyer, "scope": "marketing", "channel": "sms"}
    errands.push_subscription(shop.id, Subscribed(occurred_at=make.at(2026, 6, 2), **word))
    assert told == ["+819012345678", True]

    page = client.get(f"/preferences/{token}").text
    assert page.count('value="sms:') == 1
    client.post(f"/preferences/{token}", data={"do": "save"})
    with shop.work() as session:
        said = [one.granted for one in queries.ledger(session, buyer) if one.channel == "sms"]
        assert said == [True, False]
    errands.push_consent(shop.id, Unsubscribed(occurred_at=make.at(2026, 6, 3), **word))
    assert told[-1] is False


def test_who_gave_no_mobile_number_may_type_one(client: FlaskClient, shop: make.MadeShop) -> None:
    buyer = placed(shop, phone="03-1234-5678")
    assert [one["name"] for one in module(client, shop)["fields"]] == ["number", "agree"]
    assert tell(client, shop, agree="on", number="03-1234-5678") == 422
    assert tell(client, shop, agree="on", number="080 1234 5678") == 200
    with shop.work() as session:
        assert queries.addresses(session, buyer) == {"sms": "+818012345678"}
