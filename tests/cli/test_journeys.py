"""The commands that show journeys."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli.journeys import journeys
from app.core.locale import use_locale
from app.journeys import mutes
from app.journeys.definitions import preset_text, presets
from app.journeys.queries import definition
from app.journeys.refusals import EVERYTHING
from app.journeys.service import (
    import_definition,
    on_order_placed,
    switch_on,
    switch_on_recommended,
)
from app.line import forms
from app.mirror.events import OrderPlaced
from tests import make


def test_every_preset_is_listed_with_its_steps() -> None:
    result = CliRunner().invoke(journeys, ["list", "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)
    assert [row["key"] for row in rows] == list(presets())
    assert all(row["steps"] and row["languages"] == ["ja", "en"] for row in rows)
    assert "check-in" in CliRunner().invoke(journeys, ["list"]).output


def test_a_shops_own_journeys_are_listed_by_their_own_names(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    own = preset_text("review").replace('en = "Review request"', 'en = "Tell us"', 1)
    assert '"Tell us"' in own
    with shop.work() as session:
        import_definition(session, own, "Hanako")
        import_definition(session, own.replace('key = "review"', 'key = "ours"', 1), "Hanako")
        switch_on(session, "ours")
    result = CliRunner().invoke(journeys, ["list", "--shop", shop.domain, "--json"])
    rows = {row["key"]: row for row in json.loads(result.output)}
    assert set(rows) == {*presets(), "ours"}
    assert (rows["review"]["name"]["en"], rows["review"]["on_since"]) == ("Tell us", None)
    assert rows["review"]["version"] > rows["welcome"]["version"]
    assert rows["ours"]["on_since"]
    assert "Tell us" in CliRunner().invoke(journeys, ["list", "--shop", shop.domain]).output
    # Where journeys have a budget of their own, too.
    with shop.work() as session, use_locale("en"):
        assert forms.journeys(session)["ours"] == "Tell us"
        assert forms.limits(session, {"journey-ours": "5"})["journeys"] == {"ours": 5}


def test_an_orders_calendar_says_what_comes_and_why(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    with shop.work() as session:
        switch_on_recommended(session)
        order = make.order(session)
        on_order_placed(session, OrderPlaced(occurred_at=order.placed_at, order_id=order.id))
        assert order.customer_id is not None
        # So that something has happened, at a moment that is known.
        mutes.mute(session, order.customer_id, "review", "77")
    arguments = ["calendar", "--shop", shop.domain, "--order", order.name]
    result = CliRunner().invoke(journeys, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    days = json.loads(result.output)
    steps = {item.get("step") for day in days for item in day["items"]}
    assert {"thanks", "prepare", "start-guide", "check-in", "shipped"} <= steps
    dates = [day["date"] for day in days]
    assert dates == sorted(set(dates))
    items = [(day["date"], item) for day in days for item in day["items"]]
    assert not [name for _, item in items for name in item if "-" in name]
    # One time zone, the shop's; of a day that is only likely no hour is told.
    exact = [(day, item["at"]) for day, item in items if item["at"]]
    assert exact
    for day, at in exact:
        assert (at[:10], at[-6:]) == (day, "+09:00")
    expected = [(day, item) for day, item in items if item["expected"]]
    assert "check-in" in {item["step"] for _, item in expected}
    assert all(day and item["at"] is None for day, item in expected)
    said = CliRunner().invoke(journeys, arguments)
    assert said.exit_code == 0
    heads = [line for line in said.output.splitlines() if not line.startswith((" ", "\t"))]
    assert len(heads) == len(set(heads)) == len(days)


def test_a_calendar_names_who_stopped_a_journey_or_everything(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    with shop.work() as session:
        switch_on_recommended(session)
        order = make.order(session)
        on_order_placed(session, OrderPlaced(occurred_at=order.placed_at, order_id=order.id))
        assert order.customer_id is not None
        mutes.mute(session, order.customer_id, "first-72-hours", "77")
        mutes.mute(session, order.customer_id, EVERYTHING, "77")
    said = CliRunner().invoke(journeys, ["calendar", "--order", order.name])
    assert said.exit_code == 0, said.output
    assert "Left in peace by hand: The first 72 hours" in said.output
    assert "Everything was stopped for this person" in said.output
    assert said.output.count("by a member of staff (Shopify ID 77)") == 3


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


def test_an_exported_journey_names_none_of_our_papers() -> None:
    ours = re.compile(r"brief|ruling|\w\.md|our own choice|\([A-Z]{1,2}-?\d+\)")
    notes = [line for key in presets() for line in preset_text(key).splitlines() if "#" in line]
    assert notes
    assert not [note for note in notes if ours.search(note)]


def test_a_journey_goes_out_and_comes_in_as_a_file(
    app: Flask, shop: make.MadeShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    # There is one shop: nobody has to name it.
    out = CliRunner().invoke(journeys, ["export", "next-steps"])
    assert out.exit_code == 0, out.output
    file = tmp_path / "mine.toml"
    file.write_text(out.output.replace('offset = "0h"', 'offset = "30m"'), "utf-8")
    checked = CliRunner().invoke(journeys, ["check", str(file)])
    assert "mine.toml: next-steps is fine, 2 steps" in checked.output
    said = CliRunner().invoke(journeys, ["import", str(file)])
    assert said.output == "next-steps: version 2\n"
    with shop.work() as session:
        assert definition(session, "next-steps").step("thanks").offset == "30m"
    file.write_text(out.output.replace('anchor = "ordered"', 'anchor = "someday"'), "utf-8")
    for command in ("check", "import"):
        wrong = CliRunner().invoke(journeys, [command, str(file)])
        assert wrong.exit_code == 1
        assert "steps[0].anchor: 'someday' is neither a moment" in wrong.output
    assert CliRunner().invoke(journeys, ["export", "nothing"]).exit_code == 1
