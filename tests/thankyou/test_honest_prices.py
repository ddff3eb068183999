"""What stands beside an offer's price is true, and what it sells is there."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import now
from app.mirror.model import VariantPrice
from app.mirror.service.prices import note_prices
from app.thankyou import queries
from tests import make, sign
from tests.answers import answering, stock
from tests.thankyou.conftest import PRICE, Ask, Offering


def raised(offering: Offering) -> None:
    """The store asks more for the dripper since yesterday than it did all the time before."""
    with offering.shop.work() as session:
        row = session.scalars(
            select(VariantPrice).where(VariantPrice.variant_shopify_id == offering.variant)
        ).one()
        row.price_minor = 1780
        moment = now(session) - timedelta(days=1)
        note_prices(session, {offering.variant: (PRICE, moment)}, "JPY", moment)


def test_a_price_of_yesterday_is_no_earlier_price(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    raised(offering)
    with offering.shop.work() as session:
        order = make.order(session, checkout_token="checkout-1")
        abroad = {"country_code": "DE"}
        make.order(session, checkout_token="checkout-2", shipping_address=abroad)
        order_id = order.id
    shown = ask()["offer"]
    assert (shown["was_text"], shown["percent_text"], shown["percent"]) == ("", "", 0)
    assert "1,782" in shown["price_text"]
    with offering.shop.work() as session:
        grant = queries.grant_of_checkout(session, "checkout-1")
        assert grant
        (said,) = queries.decisions(session, grant)
        assert (said.outcome, said.details) == ("shown", {"reference": "price_too_new"})
    page = client.get("/app/offers/decisions", headers=sign.admin(offering.shop.domain)).text
    assert (
        "比較用の価格は表示していません。現在の価格で販売していた期間が十分ではないためです。"
        in page
    )
    assert order_id
    # In the EU the lowest price of thirty days would be no higher than what is asked.
    assert ask("checkout-2")["offer"]["was_text"] == ""


def test_the_evidence_tells_what_the_store_asked_later(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-1")
    ask()
    with offering.shop.work() as session:
        moment = now(session) + timedelta(days=2)
        note_prices(session, {offering.variant: (1500, moment)}, "JPY", moment)
    headers = sign.admin(offering.shop.domain)
    text = client.get("/app/offers/evidence.csv", headers=headers).text.removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["earlier_price_shown"] == "1980"
    asked = row["store_prices_since"].split("; ")
    assert [one.split()[:2] for one in asked] == [
        [f"{offering.variant}:", "1980"],
        [f"{offering.variant}:", "1500"],
    ]


def test_a_click_asks_shopify_what_is_left(
    app: Flask, client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-1")
    link = urlsplit(ask()["offer"]["accept_url"]).path
    with answering(app, offering.shop) as shopify:
        shopify.says["Stock"] = stock(offering.variant, 0)
        gone = client.get(link)
        assert gone.status_code == 410
        assert "売り切れ" in gone.text
        shopify.says["Stock"] = stock(offering.variant, 1)
        assert client.get(link).status_code == 302
        # Silent, Shopify refuses no sale: its checkout counts for itself.
        shopify.says["Stock"] = None
        assert client.get(link).status_code == 302
        asked = [f"gid://shopify/ProductVariant/{offering.variant}"]
        assert shopify.asked == [("Stock", {"ids": asked})] * 3
