"""The commands that show journeys."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli.journeys import journeys
from app.journeys.definitions import presets
from app.journeys.service import on_order_placed, switch_on_recommended
from app.mirror.events import OrderPlaced
from tests import make


def test_every_preset_is_listed_with_its_steps() -> None:
    result = CliRunner().invoke(journeys, ["list", "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)
    assert [row["key"] for row in rows] == list(presets())
    assert all(row["steps"] and row["languages"] == ["ja", "en"] for row in rows)
    assert "check-in" in CliRunner().invoke(journeys, ["list"]).output


def test_an_orders_calendar_says_what_comes_and_why(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    with shop.work() as session:
        switch_on_recommended(session)
        order = make.order(session)
        on_order_placed(session, OrderPlaced(occurred_at=order.placed_at, order_id=order.id))
    arguments = ["calendar", "--shop", shop.domain, "--order", order.name]
    result = CliRunner().invoke(journeys, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    days = json.loads(result.output)
    steps = {item.get("step") for day in days for item in day["items"]}
    assert {"thanks", "prepare", "start-guide", "check-in", "shipped"} <= steps
    assert CliRunner().invoke(journeys, arguments).exit_code == 0


@pytest.mark.parametrize(
    ("domain", "name"), [("nobody.myshopify.com", "#1"), ("hinata-coffee.myshopify.com", "#nope")]
)
def test_what_is_not_there_is_said(
    app: Flask,
    shop: make.MadeShop,
    monkeypatch: pytest.MonkeyPatch,
    domain: str,
    name: str,
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    result = CliRunner().invoke(journeys, ["calendar", "--shop", domain, "--order", name])
    assert result.exit_code == 1
    assert "Error:" in result.output
