"""Boxes for news on the order's pages: unticked, a record a channel, never what checkout asked."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.consent import queries
from app.consent import service as consent
from app.consent.model import GENERAL
from app.mirror import queries as mirror
from app.shops import service as shops
from app.shops.settings import ConsentSettings
from tests import make, sign

PAGE = {"checkout_token": "one", "locale": "ja-JP"}


def placed(shop: make.MadeShop, *, source: str = "web", line: bool = False) -> int:
    """A customer's order; answers the customer's id."""
    with shop.work() as session:
        buyer = make.customer(session, marketing_state=None)
        make.order(session, buyer=buyer, checkout_token="one", source_name=source)
        if line:
            consent.link_channel(session, buyer.id, "line", "U1", {"how": "test"})
        return buyer.id


def module(client: FlaskClient, shop: make.MadeShop) -> Any:
    page = client.post("/widget/thank-you", json=PAGE, headers=sign.widget(shop.domain)).json
    return next((one for one in page["modules"] if one["key"] == "consent"), None)


def tell(client: FlaskClient, shop: make.MadeShop, **values: str) -> Any:
    body = {**PAGE, "module": "consent", "values": values}
    return client.post("/widget/told", json=body, headers=sign.widget(shop.domain))


@pytest.mark.parametrize(
    ("source", "line", "boxes"),
    [("web", False, None), ("web", True, ["line"]), ("pos", False, ["email"])],
)
def test_only_what_the_checkout_did_not_ask_is_asked(
    client: FlaskClient, shop: make.MadeShop, source: str, line: bool, boxes: list[str] | None
) -> None:
    placed(shop, source=source, line=line)
    found = module(client, shop)
    assert (found and [field["name"] for field in found["fields"]]) == boxes
    assert all(field["value"] == "" for field in (found or {"fields": []})["fields"])


def test_a_tick_becomes_a_record_with_its_words(client: FlaskClient, shop: make.MadeShop) -> None:
    buyer = placed(shop, line=True)
    assert tell(client, shop).status_code == 422
    answer = tell(client, shop, line="on", email="on")
    assert answer.status_code == 200
    with shop.work() as session:
        # The e-mail was not on offer: sending its name along grants nothing.
        (record,) = [one for one in queries.ledger(session, buyer) if one.topic == GENERAL]
        assert (record.channel, record.granted, record.source) == ("line", True, "thank_you")
        (text,) = queries.texts(session, [record.evidence["text"]]).values()
        assert "広告・宣伝" in text.text
    assert module(client, shop)["done"]
    assert tell(client, shop, line="on").status_code == 404


def test_where_a_second_click_is_usual_it_is_asked_for(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    buyer = placed(shop, source="pos")
    with shop.work() as session:
        shops.keep_consent_settings(session, ConsentSettings(double_opt_in="everywhere"))
    assert "確認のメール" in str(tell(client, shop, email="on").json["modules"])
    with shop.work() as session:
        customer = mirror.customer(session, buyer)
        assert customer is not None
        assert queries.open_request(session, buyer) is not None
        assert not queries.words(session, buyer)
