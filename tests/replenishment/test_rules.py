"""When a consumable runs out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replenishment import rules
from tests.make import at

START = date(2026, 6, 1)


def test_the_briefs_examples() -> None:
    """One pound lasts three weeks, five pounds ten (rules.md ruling 5)."""
    assert rules.run_out(START, 21, rules.packs(1, "1 lb", ["1 lb", "5 lb"])) == date(2026, 6, 22)
    five = rules.run_out(START, 21, rules.packs(1, "5 lb", ["1 lb", "5 lb"]))
    assert five - START == timedelta(weeks=10)


@pytest.mark.parametrize(
    ("product_type", "tags", "title", "days"),
    [
        ("Coffee", [], "Morning Blend", 30),
        ("コーヒー豆", [], "朝のブレンド", 30),
        ("", [], "ビタミンC 60粒", 30),
        ("スキンケア", [], "ビタミンC美容液", 60),
        ("Cleaning", [], "Kitchen spray", 60),
        ("シャンプー", [], "椿シャンプー", 90),
        ("Coffee", [], "Paper coffee filters", 30),
        ("Accessories", [], "Paper coffee filters", 90),
        ("Equipment", ["coffee"], "Hand grinder", None),
        ("器具", [], "コーヒーミル", None),
        ("", [], "Coffee mug", None),
        ("Apparel", [], "T-shirt", None),
        ("Other", ["消耗品"], "カートリッジ", 30),
        ("", [], "A steak knife", None),
    ],
)
def test_priors_by_category(
    product_type: str, tags: list[str], title: str, days: int | None
) -> None:
    assert rules.prior_days(product_type, tags, title, "standard") == days


def test_the_merchants_category_counts_when_no_word_tells() -> None:
    assert rules.prior_days("Refreshments", [], "House special", "consumable") == 30
    assert rules.prior_days("Refreshments", [], "House special", "standard") is None


@pytest.mark.parametrize(
    ("bought", "siblings", "packs"),
    [
        ("200g", ["200g", "500g", "1kg"], 1.0),
        ("1kg", ["200g", "500g", "1kg"], 5.0),
        ("豆のまま / 500g", ["200g", "500g"], 2.5),
        ("Large", ["Small", "Large"], 1.0),
        ("60粒", ["30粒", "60粒"], 2.0),
        ("1 L", ["500 ml", "1 L"], 2.0),
        ("2 kg", ["500 ml"], 1.0),
    ],
)
def test_packs(bought: str, siblings: list[str], packs: float) -> None:
    assert rules.packs(1, bought, siblings) == pytest.approx(packs)
    assert rules.packs(3, bought, siblings) == pytest.approx(3 * packs)


@given(st.integers(1, 120), st.floats(1, 50), st.floats(1, 50))
def test_more_lasts_longer_but_less_than_in_proportion(
    days: int, packs: float, more: float
) -> None:
    one, both = rules.lasts_days(days, packs), rules.lasts_days(days, packs + more)
    assert one <= both <= rules.lasts_days(days, packs) + rules.lasts_days(days, more) + 1


def test_three_regular_purchases_make_it_personal() -> None:
    regular = [(at(2026, 1, 1), 1.0), (at(2026, 1, 22), 1.0), (at(2026, 2, 12), 1.0)]
    assert rules.personal_days(regular) == pytest.approx(21)
    assert rules.personal_days(regular[:2]) is None
    irregular = [*regular[:2], (at(2026, 5, 1), 1.0)]
    assert rules.personal_days(irregular) is None


def test_delivery_days_keep_to_eighty_of_a_hundred() -> None:
    assert rules.delivery_days([1.0] * 9) == rules.USUAL_DELIVERY_DAYS
    assert rules.delivery_days([1.5] * 8 + [2.5, 9.0]) == 2
    assert rules.delivery_days([1.5] * 7 + [2.5, 2.5, 9.0]) == 3
