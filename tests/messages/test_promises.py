"""Promises nobody can keep, links nobody should follow, and Liquid's mistakes in people's words."""

from __future__ import annotations

import pytest

from app.core.locale import use_locale
from app.messages import mistakes
from app.messages.lint import WARN, lint
from app.messages.texts.blocks import Button, Text
from tests.messages.test_lint import LETTER, case


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("必ず<b>痩せます</b>", "RV-11"),
        ("絶対に効きます", "RV-11"),
        ("１００％の効果", "RV-11"),
        ("効果を保証します", "RV-11"),
        ("It is 100% effective.", "RV-11"),
        ("Guaranteed results for everyone", "RV-11"),
        ('<a href="https://bit.ly/3xYz">詳しく</a>', "LK-1"),
        ("tinyurl.com/abc", "LK-1"),
        ("https://t.co/abc", "LK-1"),
        ('<a href="http://hinata.example/">こちら</a>', "LK-1"),
        ("使用前に必ずお読みください。洗剤とは絶対に混ぜないでください。", ""),
        ("綿100％です。果汁100%、最大100%オフ。効率よくお使いいただけます。", ""),
        ("100% cotton, money-back guarantee. https://habit.ly/x", ""),
        ("https://shop.example/t.co and https://lin.ee/abc", ""),
    ],
)
def test_promises_and_strange_links_are_pointed_at_where_they_stand(text: str, code: str) -> None:
    for block, field in ((Text(text=text), "text"), (Button(label=text, target="store"), "label")):
        found = [each for each in lint(case(*LETTER, block)) if each.code in ("RV-11", "LK-1")]
        expected = [(code, WARN, 3, field)] if code else []
        assert [(each.code, each.severity, each.block, each.field) for each in found] == expected


def test_a_buttons_own_address_is_looked_at() -> None:
    button = Button(label="見る", target="url", url="https://bit.ly/3xYz")
    found = [each for each in lint(case(*LETTER, button)) if each.code == "LK-1"]
    assert [(each.block, each.field) for each in found] == [(3, "url")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if %}x{% endif %}", "タグの条件または値が書かれていません。"),
        ("{% shout %}", "「shout」というタグはありません。"),
        ("{% endif %}", "「endif」に対応する開始タグがありません。"),
        ("{% if shop.name %}x", "タグが閉じられていません（「endif」がありません）。"),
        ("{{ shop.name", "波かっこが閉じられていません。"),
        ("{% if shop.name", "波かっこが閉じられていません。"),
        ("{{ }}", "差し込み項目または値が書かれていません。"),
        ("{{ 'a }}", "引用符が閉じられていません。"),
        ("{% if (a %}x{% endif %}", "Liquidの書き方として解釈できません。"),
    ],
)
def test_a_mistake_of_liquid_is_said_in_the_pages_language(text: str, said: str) -> None:
    with use_locale("ja"):
        (found,) = [each for each in lint(case(*LETTER, Text(text=text))) if each.code == "LQ-1"]
    assert found.why == f"書き方に誤りがあります：{said}"


def test_a_mistake_is_placed_as_the_editor_names_blocks() -> None:
    with use_locale("ja"):
        assert mistakes.told("block 4 (text): unknown filter 'x'") == (
            "4. テキスト：「x」というフィルターはありません。"
        )
        assert mistakes.told("subject: missing expression").startswith("件名：")
    assert mistakes.told("preheader: expected '}}', found end of file") == (
        "Preview text: A curly bracket is not closed."
    )
    assert mistakes.told("KeyError: 'line'") == "KeyError: 'line'"
