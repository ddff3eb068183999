"""What people mean, and what a month is spent on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.line import rules
from app.messages.cards import Button, Card, bubble, message, shorten, text
from app.sandbox.line.objects import faults


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("配送状況", "status"),
        ("荷物はいつ届きますか？", "status"),
        ("where is my order", "status"),
        ("再注文", "reorder"),
        ("ＲＥＯＲＤＥＲ", "reorder"),
        ("連携したいです", "link"),
        ("連携を解除したい", "stop"),
        ("配信停止", "stop"),
        ("Disconnect, please", "stop"),
        ("返品できますか", "help"),
        ("ありがとう！おいしかったです", None),
    ],
)
def test_what_people_write(words: str, about: str | None) -> None:
    assert rules.meaning(words) == about


def test_a_month_begins_in_japan() -> None:
    assert rules.month_of(datetime(2026, 10, 31, 15, tzinfo=UTC)) == "2026-11"


purses = st.builds(
    rules.Purse,
    limit=st.one_of(st.none(), st.integers(0, 30_000)),
    used=st.integers(0, 40_000),
    budget=st.one_of(st.none(), st.integers(0, 5_000)),
    spent=st.integers(0, 6_000),
)


@given(purses, st.integers(0, 100))
def test_news_of_deliveries_is_refused_by_the_plan_alone(purse: rules.Purse, worth: int) -> None:
    refused = rules.refusal(purse, marketing=False, priority=worth)
    assert (refused is not None) == (purse.limit is not None and purse.used >= purse.limit)


@given(purses, st.integers(0, 99))
def test_what_is_worth_more_is_never_refused_where_less_may_go(
    purse: rules.Purse, worth: int
) -> None:
    if rules.refusal(purse, marketing=True, priority=worth) is None:
        assert rules.refusal(purse, marketing=True, priority=worth + 1) is None


@given(purses, st.integers(0, 100))
def test_what_sells_leaves_a_fifth(purse: rules.Purse, worth: int) -> None:
    if purse.limit and purse.used >= purse.limit * 0.8:
        assert rules.refusal(purse, marketing=True, priority=worth) is not None
    spent = replace(purse, budget=10, spent=10)
    assert rules.refusal(spent, marketing=True, priority=worth) is not None


words = st.text(min_size=1, max_size=3000)


@given(words, words, words, words)
def test_line_takes_every_card(sender: str, title: str, more: str, label: str) -> None:
    card = Card(
        sender=sender,
        title=title,
        text=more,
        rows=((label, more),),
        stars="stars:1:{stars}",
        buttons=(Button(label, url="https://okaeri.example/t/x"), Button(label, data="ask:help")),
        note=more,
    )
    assert faults([message(title, card, card), text(more, quick=card.buttons)]) == []
    assert bubble(card)["type"] == "bubble"


@given(words, st.integers(1, 400))
def test_shortened_words_fit(long: str, longest: int) -> None:
    cut = shorten(long, longest)
    assert 1 <= len(cut.encode("utf-16-le", "surrogatepass")) // 2 <= longest
