"""The command that checks texts."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli import serve
from app.cli.messages import messages
from app.messages.texts import shipped, store
from app.messages.texts.blocks import Content, Text
from app.messages.texts.store import Place
from tests import make


def run(*arguments: str, code: int = 0) -> list[dict[str, object]]:
    """What the command prints for programs."""
    result = CliRunner().invoke(messages, ["lint", *arguments, "--json"])
    assert result.exit_code == code, result.output
    rows: list[dict[str, object]] = json.loads(result.output)
    return rows


def test_what_ships_is_checked_without_a_shop_or_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(serve, "build")
    rows = run("--kind", "review")
    assert [(row["shop"], row["locale"], row["text"]) for row in rows] == [
        (None, "ja", "shipped"),
        (None, "en", "shipped"),
    ]
    # Where suggestions stand, a reader for whom there are none is thought of, too.
    for kind in ("season", "replenish"):
        assert [row["findings"] for row in run("--kind", kind)] == [[], []]
    said = CliRunner().invoke(messages, ["lint", "--kind", "review"])
    assert said.output.splitlines()[0].startswith("review\tja\tshipped\t")


def test_a_shops_own_texts_are_checked_one_shop_or_all(
    app: Flask,
    shop: make.MadeShop,
    other_shop: make.MadeShop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    ours = shipped.content("review", "en")
    wrong = Content(
        subject=ours.subject, preheader=ours.preheader, blocks=(Text(text="5 stars only!"),)
    )
    with other_shop.work() as session:
        store.keep(session, Place("review", "en", "review/first"), wrong)
    assert {row["shop"] for row in run("--shop", shop.domain, "--kind", "review")} == {shop.domain}
    rows = run("--all-shops", "--kind", "review", code=1)
    assert {row["shop"] for row in rows} == {shop.domain, other_shop.domain}
    [draft] = [row for row in rows if row["text"] == "draft"]
    assert (draft["shop"], draft["use"]) == (other_shop.domain, "review/first")
    assert "RV-3" in json.dumps(draft["findings"])
    nobody = CliRunner().invoke(messages, ["lint", "--shop", "nobody.myshopify.com"])
    assert nobody.exit_code == 1
    spoken = {
        language: CliRunner().invoke(
            messages, ["lint", "--shop", other_shop.domain, "--kind", "review", *asked]
        )
        for language, asked in {"en": [], "ja": ["--language", "ja"]}.items()
    }
    assert "\tdraft\t" in spoken["en"].output
    assert "  to be put right\tRV-3\t1. Text – Words\n" in spoken["en"].output
    assert "\t下書き\t" in spoken["ja"].output
    assert "  要修正\tRV-3\t1. テキスト – 文\n" in spoken["ja"].output
    both = CliRunner().invoke(messages, ["lint", "--shop", shop.domain, "--all-shops"])
    assert both.exit_code == 2
