"""A shop with an offer, and the Shopify that it talks to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core import secrets
from app.core.clock import machine_now
from app.discounts.model import DiscountCampaign
from app.shops.service import shop as shop_of
from tests import make
from tests.discounts.shopify import Shopify

VARIANT = 7001


@pytest.fixture
def shopify(app: Flask) -> Iterator[Shopify]:
    """The store's side, instead of the network."""
    found, before = Shopify(), app.extensions["okaeri"]
    with found.client() as http:
        app.extensions["okaeri"] = replace(before, http=http)
        yield found
    app.extensions["okaeri"] = before


@pytest.fixture
def offering(shopify: Shopify) -> make.MadeShop:
    """An installed shop that keeps codes ready."""
    made = make.shop()
    with made.work() as session:
        row = shop_of(session)
        row.access_token = secrets.seal("shpat_test")
        row.access_token_expires = machine_now() + timedelta(hours=1)
        session.add(
            DiscountCampaign(
                shop_id=made.id,
                name=f"offer:{VARIANT}:10",
                percent=10,
                variants=[VARIANT],
                timed=True,
            )
        )
    return made


@pytest.fixture
def hurry(owner: Engine) -> object:
    """Forget the pauses between attempts: machine time cannot be moved, a row's can."""

    def forget() -> None:
        with owner.begin() as connection:
            for table in ("discount_pools", "discount_codes"):
                connection.execute(text(f"UPDATE {table} SET retry_at = NULL"))

    return forget
