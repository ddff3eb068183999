"""Offers and steps: pure decisions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.thankyou import rules
from tests.make import at

NOW = at(2026, 6, 10, 5, 30)


@given(
    st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.integers(1, 60),
    st.booleans(),
)
def test_a_deadline_is_ahead_and_only_the_timer_makes_it_short(
    when: datetime, minutes: int, timer: bool
) -> None:
    until = rules.deadline(when, minutes, timer=timer)
    assert until > when
    assert (until - when == timedelta(minutes=minutes)) is timer
    assert rules.closed(until, until - timedelta(seconds=1), used=False, available=True) is None
    assert rules.closed(until, until, used=False, available=True) == "over"


@pytest.mark.parametrize(
    ("buyer", "shop", "shown"),
    [
        (None, "JP", True),
        ("JP", "DE", True),
        ("de", "JP", False),
        (None, "GB", False),
        (None, None, True),
    ],
)
def test_no_pressing_deadline_in_the_uk_and_the_eu(
    buyer: str | None, shop: str | None, shown: bool
) -> None:
    assert rules.shows_timer(buyer, shop) is shown


def test_the_page_asks_more_and_more_rarely_and_stops() -> None:
    def again(age: int, **known: bool) -> int | None:
        return rules.ask_again_in(NOW, NOW - timedelta(seconds=age), **known)

    assert again(0, decided=False, order_known=False) == 2
    assert again(20, decided=False, order_known=True) == 10
    assert again(60, decided=False, order_known=False) is None
    assert again(0, decided=True, order_known=True) is None
    age, asked = 0, 0
    while (wait := again(age, decided=False, order_known=False)) is not None:
        age, asked = age + wait, asked + 1
    # The block leaves it after ten questions; all of them fit.
    assert asked < 10


PLACED = date(2026, 6, 10)
SHIPS, ARRIVES = (date(2026, 6, 11), date(2026, 6, 12)), (date(2026, 6, 12), date(2026, 6, 14))


def keys(found: list[rules.StepFact]) -> list[str]:
    return [step.key for step in found]


def test_goods_are_prepared_sent_and_used() -> None:
    found = rules.steps(rules.OrderFacts(PLACED, physical=True, ships=SHIPS, arrives=ARRIVES))
    assert keys(found) == ["received", "prepare", "arrive", "guide"]
    assert [step.days for step in found] == [(PLACED, PLACED), SHIPS, ARRIVES, None]
    assert [step.done for step in found] == [True, False, False, False]


def test_what_waits_for_a_payment_names_no_day() -> None:
    found = rules.steps(
        rules.OrderFacts(PLACED, physical=True, unpaid=True, ships=SHIPS, arrives=ARRIVES)
    )
    assert keys(found) == ["received", "payment", "prepare", "arrive", "guide"]
    assert all(step.days is None for step in found[1:])


def test_digital_goods_are_not_sent() -> None:
    assert keys(rules.steps(rules.OrderFacts(PLACED, physical=False))) == ["received", "access"]


def test_a_cancelled_order_promises_nothing() -> None:
    found = rules.steps(rules.OrderFacts(PLACED, physical=True, cancelled=True, ships=SHIPS))
    assert keys(found) == ["received", "cancelled"]


def test_what_has_come_replaces_what_was_expected() -> None:
    facts = rules.OrderFacts(
        PLACED,
        physical=True,
        ships=SHIPS,
        arrives=ARRIVES,
        shipped=date(2026, 6, 10),
        delivered=date(2026, 6, 13),
    )
    found = rules.steps(facts)
    assert all(step.done for step in found)
    assert found[2].days == (date(2026, 6, 13), date(2026, 6, 13))


@given(st.integers(1, 10**17))
def test_an_offers_word_leads_back_to_it(number: int) -> None:
    assert rules.grant_of(rules.ref_of(number)) == number


@pytest.mark.parametrize(
    "word", [None, 7, "", "offer-", "offer-x", "offer-٣", "r4f2", "offer-" + "9" * 30]
)
def test_words_of_others_name_no_offer(word: object) -> None:
    assert rules.grant_of(word) is None
