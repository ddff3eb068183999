"""Whom an offer is for, and what is never sold: pure decisions."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.locale import use_locale
from app.thankyou.offers import conditions, reasons
from app.thankyou.offers.conditions import Basket, Conditions, Wares
from tests.make import at

BASKET = Basket(
    products=frozenset({1, 2}),
    collections=frozenset({"coffee"}),
    total_minor=3000,
    currency="JPY",
    nth=2,
    tags=frozenset({"VIP"}),
    locale="ja",
)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Conditions(), None),
        (Conditions(products=(2, 9), collections=("coffee",), tags=("vip",), locale="ja"), None),
        (Conditions(least_minor=3000, most_minor=3000, buyers="repeat"), None),
        (Conditions(products=(9,)), "other_products"),
        (Conditions(collections=("tea",)), "other_collections"),
        (Conditions(least_minor=3001), "too_small"),
        (Conditions(most_minor=2999), "too_large"),
        (Conditions(buyers="first"), "not_first"),
        (Conditions(tags=("gold",)), "other_tags"),
        (Conditions(locale="en"), "other_language"),
    ],
)
def test_each_condition_has_its_reason(wanted: Conditions, reason: str | None) -> None:
    found = conditions.unmet(wanted, BASKET)
    assert (found and found[0]) == reason
    assert wanted.everyone == (wanted == Conditions())
    for language in ("ja", "en"):
        with use_locale(language):
            assert "%(" not in (reasons.sentence(*found) if found else "")


GOOD = {"known": True, "available": True, "price_minor": 900, "was_minor": 1000}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"known": False}, "product_unknown"),
        ({"available": False}, "out_of_stock"),
        ({"stock": 4}, "low_stock"),
        ({"bought": True}, "already_bought"),
        ({"returned": True}, "returned"),
        ({"as_before": True}, "as_before"),
        ({"cooling_until": at(2026, 6, 10)}, "cool_off"),
        ({"cost_minor": 700}, "below_floor"),
        ({"cost_minor": None}, "cost_unknown"),
    ],
)
def test_every_refusal_has_its_reason(changed: dict[str, object], reason: str | None) -> None:
    wares = Wares(**{**GOOD, "stock": 5, "cost_minor": 630, **changed})  # type: ignore[arg-type]
    found = conditions.unfit(wares, least_stock=5, least_margin=30)
    assert (found and found[0]) == reason
    with use_locale("en"):
        assert not found or reasons.sentence(*found).startswith("No offer:")


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 99))
def test_nothing_is_sold_below_cost_or_below_the_margin(price: int, cost: int, margin: int) -> None:
    wares = Wares(known=True, available=True, price_minor=price, was_minor=price, cost_minor=cost)
    if conditions.below_floor(wares, margin) is None:
        assert price >= cost
        assert (price - cost) * 100 >= margin * price


def test_the_cost_is_shopifys_or_the_merchants_guess() -> None:
    assert conditions.cost_of([100, 250], 1000, 60) == 350
    assert conditions.cost_of([100, None], 1000, 60) == 600
    assert conditions.cost_of([None], 1000, 0) is None


def test_a_day_is_said_in_words() -> None:
    until: datetime = at(2026, 7, 10, 5)
    with use_locale("ja"):
        said = reasons.sentence("cool_off", {"until": until.isoformat()})
    assert "7月10日" in said
