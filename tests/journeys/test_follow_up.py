"""Clicked what was suggested and did not buy: one reminder (product.md, "Behaviour")."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.channels.memory import MemoryChannel
from app.mirror.model import Customer
from app.recommendations import service as recommendations
from tests import make
from tests.journeys.world import World
from tests.messages.conftest import prefer_days

DAY = timedelta(days=1)
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1"}
REMINDER = "cross-sell:reminder"


@pytest.fixture
def suggested(
    trial: World, app: Flask, owner: Engine, shop: make.MadeShop, mailbox: MemoryChannel
) -> tuple[int, list[str]]:
    """An order whose buyer was just sent what goes with it, and the links of that mail."""
    trial.switch_on("cross-sell")
    prefer_days(shop, "off")
    with shop.work() as session:
        for number in range(2):
            mug, _variant = make.product(session, title=f"Mug {number}")
            recommendations.pick(session, mug.shopify_id)
    order = trial.place(nth=2)
    trial.deliver(order)
    make.travel(owner, app, 8 * DAY)
    assert trial.messages(order)["cross-sell:accessory"][0] == "sent", trial.messages(order)
    return order, re.findall(r'href="https://okaeri\.test(/c/[^"]+)"', mailbox.sent[-1].html)


@pytest.mark.parametrize("bought", [False, True], ids=["did not buy", "bought"])
def test_whoever_clicked_is_reminded_once_unless_they_bought(
    app: Flask,
    owner: Engine,
    client: FlaskClient,
    trial: World,
    suggested: tuple[int, list[str]],
    mailbox: MemoryChannel,
    bought: bool,
) -> None:
    order, links = suggested
    assert client.get(links[0], headers=PHONE).status_code == 302
    make.travel(owner, app, timedelta(hours=1))
    if bought:
        with trial.shop.work() as session:
            buyer = session.get_one(Customer, (trial.shop.id, trial.customer(order)))
            make.order(session, buyer=buyer, nth=3)
    make.travel(owner, app, 4 * DAY)
    state = trial.messages(order).get(REMINDER)
    assert state == (None if bought else ("sent", None))
    said = sum("の続き" in one.headers["Subject"] for one in mailbox.sent)
    assert said == (0 if bought else 1)


def test_a_scanner_that_follows_every_link_is_not_reminded(
    app: Flask,
    owner: Engine,
    client: FlaskClient,
    trial: World,
    suggested: tuple[int, list[str]],
) -> None:
    order, links = suggested
    for link in links:
        client.get(link, headers=PHONE)
    make.travel(owner, app, 5 * DAY)
    assert REMINDER not in trial.messages(order)
