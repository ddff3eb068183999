"""What a present may be worth, and that a draw is fair, repeatable and within its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.surprises import rules
from app.surprises.rules import Terms

seeds = st.integers(0, 2**64).map(lambda number: f"{number:064x}")
entries = st.sets(st.integers(1, 10**12).map(str), max_size=60)
amounts = st.integers(0, 200_000)
terms = st.builds(
    Terms,
    value_minor=amounts,
    cost_minor=amounts,
    budget_minor=st.integers(0, 10**7),
    least_minor=amounts,
    winners=st.integers(0, 50),
    share=st.integers(0, 100),
    holdout=st.integers(0, 50),
    capped=st.booleans(),
)


@pytest.mark.parametrize(
    ("method", "purchase", "most"),
    [
        ("lot", 500, 10_000),
        ("lot", 4_999, 99_980),
        ("lot", 5_000, 100_000),
        ("lot", 1_000_000, 100_000),
        ("all", 500, 200),
        ("all", 999, 200),
        ("all", 1_000, 200),
        ("all", 12_345, 2_469),
    ],
)
def test_the_caps_of_the_notices(method: rules.Method, purchase: int, most: int) -> None:
    assert rules.cap(method, purchase) == most


@given(st.sampled_from(["lot", "all"]), st.integers(1, 150_000))
def test_the_smallest_purchase_is_the_smallest(method: rules.Method, value: int) -> None:
    least = rules.least_purchase(method, value)
    if least is None:
        assert value > rules.cap(method, 10**9)
        return
    assert rules.cap(method, least) >= value
    assert least == 0 or rules.cap(method, least - 1) < value


@given(terms, st.integers(0, 10_000), st.integers(0, 10**7), st.integers(0, 10**9))
def test_never_over_budget_or_cap(one: Terms, count: int, spent: int, sales: int) -> None:
    found = rules.allowed(one, count, spent, sales)
    assert 0 <= found.count <= count
    if one.cost_minor:
        assert found.count * one.cost_minor <= max(one.budget_minor - spent, 0)
    if one.capped and found.count and one.value_minor:
        assert one.value_minor <= rules.cap(one.method, one.least_minor)
        # What some get and others do not is a lot, also where it was meant for all.
        if one.method == "lot" or found.count < count:
            assert one.value_minor <= rules.cap("lot", one.least_minor)
            assert found.count * one.value_minor * 100 <= sales * 2
    wish = one.winners or count * one.share // 100
    assert (found.count == wish) == (found.limited_by == "")


@given(seeds, entries, st.integers(0, 70), st.randoms())
def test_whoever_knows_the_seed_finds_the_same(
    seed: str, people: set[str], count: int, shuffle: object
) -> None:
    first = rules.draw(seed, people, count)
    again = sorted(people)
    shuffle.shuffle(again)  # type: ignore[attr-defined]
    assert rules.draw(seed, again, count) == first
    assert rules.digest(again) == rules.digest(people)
    assert len(first) == len(set(first)) == min(count, len(people))
    assert set(first) <= people
    # Fewer winners are the first of the same row: nobody's luck depends on the budget.
    assert rules.draw(seed, people, count - 1 if count else 0) == first[: max(count - 1, 0)]


def test_everybody_is_as_likely_to_win() -> None:
    people = [str(number) for number in range(20)]
    won = dict.fromkeys(people, 0)
    for number in range(4_000):
        for winner in rules.draw(f"{number:064x}", people, 2):
            won[winner] += 1
    # Each wins 400 times on average, with a standard deviation of 19: five of them are the limit.
    assert all(abs(count - 400) < 95 for count in won.values())


@given(st.integers(0, 50))
def test_about_the_share_is_held_out_and_always_the_same(percent: int) -> None:
    people = range(1, 4_001)
    out = [one for one in people if rules.held_out(7, one, percent)]
    assert abs(len(out) - 40 * percent) <= 160
    assert out == [one for one in people if rules.held_out(7, one, percent)]
