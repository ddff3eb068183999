"""The lot and the figures, against what is known of them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments import rules
from app.experiments.rules import Arm, Tally

PEOPLE = 2_000


@st.composite
def several(draw: st.DrawFn) -> list[Arm]:
    shares = draw(st.lists(st.integers(5, 30), min_size=1, max_size=3))
    arms = [Arm(key=f"arm{place}", share=share) for place, share in enumerate(shares)]
    return [*arms, Arm(key=rules.HOLDOUT, share=100 - sum(shares))]


@settings(max_examples=10)
@given(arms=several(), salt=st.text("abcdef0123456789", min_size=8, max_size=16))
def test_shares_hold_and_everybody_keeps_their_arm(arms: list[Arm], salt: str) -> None:
    subjects = [rules.subject(salt, f"customer:{number}") for number in range(PEOPLE)]
    lots = [rules.assigned(one, arms).key for one in subjects]
    assert lots == [rules.assigned(one, arms).key for one in subjects]
    # One experiment in ten million falls more unevenly than this.
    assert rules.chance(Counter(lots), arms) > 1e-7


@given(st.integers(0, 10**9))
def test_another_salt_is_another_lot(person: int) -> None:
    assert rules.subject("one", str(person)) != rules.subject("two", str(person))


def test_the_sizes_are_those_of_the_books() -> None:
    # R's power.prop.test(p1 = .50, p2 = .75, power = .90) and (.25, .40, power = .80).
    assert rules.group_size(0.50, 0.75, power=0.90) == pytest.approx(76.7, abs=0.05)
    assert rules.group_size(0.25, 0.40) == pytest.approx(151.9, abs=0.05)


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.2), st.integers(10, 90))
def test_smaller_differences_and_more_arms_take_more_people(
    usual: float, difference: float, share: int
) -> None:
    two = [Arm(key="a", share=100 - share), Arm(key=rules.HOLDOUT, share=share)]
    needed = rules.sizes(two, usual, difference)
    assert sum(rules.sizes(two, usual, difference / 2).values()) > sum(needed.values())
    half = (100 - share) // 2
    three = [
        Arm(key="a", share=half),
        Arm(key="b", share=100 - share - half),
        Arm(key=rules.HOLDOUT, share=share),
    ]
    assert sum(rules.sizes(three, usual, difference).values()) > sum(needed.values())


def test_a_difference_of_shares_is_newcombes() -> None:
    # His first example: 56 of 70 against 48 of 80 is 0.20, from 0.0524 to 0.3339.
    found = rules.rate_difference(Tally(people=70, buyers=56), Tally(people=80, buyers=48))
    assert found is not None
    assert found.more == pytest.approx(0.2)
    assert (found.least, found.most) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.verdict == "more"


def test_a_difference_of_means_is_welchs() -> None:
    arm = Tally(people=4, amount_minor=40, squares=600.0)  # 0, 10, 10, 20
    control = Tally(people=4, amount_minor=20, squares=200.0)  # 0, 0, 10, 10
    found = rules.amount_difference(arm, control)
    assert found is not None
    assert found.more == 5
    assert found.most - 5 == pytest.approx(1.959964 * (200 / 3 / 4 + 100 / 3 / 4) ** 0.5, abs=1e-4)
    assert found.verdict == "unclear"


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_an_interval_holds_its_difference_and_turns_with_its_sides(
    one: int, other: int, data: st.DataObject
) -> None:
    first = Tally(people=one, buyers=data.draw(st.integers(0, one)))
    second = Tally(people=other, buyers=data.draw(st.integers(0, other)))
    found, turned = rules.rate_difference(first, second), rules.rate_difference(second, first)
    assert found is not None
    assert turned is not None
    assert -1 <= found.least <= found.more <= found.most <= 1
    assert (turned.least, turned.most) == pytest.approx((-found.most, -found.least))


@pytest.mark.parametrize(
    ("square", "freedom", "tail"),
    [(3.841459, 1, 0.05), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (16.26624, 3, 0.001)],
)
def test_chi_square_is_that_of_the_tables(square: float, freedom: int, tail: float) -> None:
    assert rules.chi_square_tail(square, freedom) == pytest.approx(tail, rel=1e-4)


def test_a_lot_that_was_tampered_with_is_noticed() -> None:
    arms = [Arm(key="a", share=80), Arm(key=rules.HOLDOUT, share=20)]
    assert rules.chance({}, arms) == 1
    assert rules.chance({"a": 8_020, rules.HOLDOUT: 1_980}, arms) > 0.5
    assert rules.chance({"a": 8_300, rules.HOLDOUT: 1_700}, arms) < rules.SUSPICIOUS
