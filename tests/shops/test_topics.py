"""Webhooks about the store itself, through the door Shopify takes."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from app.journal import queries as journal
from app.shops import service
from tests import make, sign

HOOK = "/hooks/shopify"


def test_a_store_that_leaves_is_not_written_to(
    app: Flask, client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    for number in range(2):
        given = sign.webhook(shop.domain, "app/uninstalled", {"id": 1}, f"w{number}")
        assert client.post(HOOK, **given).status_code == 200
    make.settle(app)
    with shop.work() as session:
        gone = service.shop(session)
        assert not service.is_active(gone)
        assert gone.access_token is None
        assert len(journal.of_kind(session, "ShopUninstalled")) == 1
    with other_shop.work() as session:
        assert service.is_active(service.shop(session))


def test_a_store_changes_its_name_and_its_clock(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    said = {"id": 1, "name": "ひなた珈琲", "iana_timezone": "America/New_York", "currency": "USD"}
    client.post(HOOK, **sign.webhook(shop.domain, "shop/update", said))
    client.post(
        HOOK,
        **sign.webhook(shop.domain, "shop/update", {"id": 1, "iana_timezone": "Moon/Base"}, "w2"),
    )
    make.settle(app)
    with shop.work() as session:
        found = service.shop(session)
        assert (found.name, found.timezone) == ("ひなた珈琲", "America/New_York")
        assert found.currency == "USD"


def test_what_the_merchant_granted_is_noted(
    app: Flask, client: FlaskClient, shop: make.MadeShop
) -> None:
    said = {"previous": ["read_orders"], "current": ["read_orders", "write_discounts"]}
    client.post(HOOK, **sign.webhook(shop.domain, "app/scopes_update", said))
    make.settle(app)
    with shop.work() as session:
        assert service.shop(session).scopes == "read_orders,write_discounts"
