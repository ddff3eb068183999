"""Whether one promise makes another untrue, in whatever form it is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.discounts.terms import Terms, pays, read, undercuts

prices = st.integers(1, 1_000_000)
shippings = st.integers(0, 5_000)
promises = st.builds(
    Terms,
    percent=st.integers(0, 100),
    amount_minor=st.integers(0, 100_000),
    price_minor=st.none() | st.integers(0, 1_000_000),
    shipping=st.booleans(),
)


@given(promises, promises, prices, shippings)
def test_who_waits_must_pay_more_than_who_hurried(
    later: Terms, promised: Terms, price: int, shipping: int
) -> None:
    cheaper = pays(later, price, shipping) <= pays(promised, price, shipping)
    assert undercuts(later, promised, price, shipping) == (bool(later) and cheaper)
    assert undercuts(promised, promised, price, shipping) == bool(promised)
    assert not undercuts(Terms(), promised, price, shipping)
    assert 0 <= pays(later, price, shipping) <= price + shipping


@given(promises, promises, prices, shippings, st.integers(0, 50), st.integers(0, 500))
def test_giving_more_never_makes_it_true_again(
    later: Terms, promised: Terms, price: int, shipping: int, percent: int, amount: int
) -> None:
    more = Terms(
        min(later.percent + percent, 100), later.amount_minor + amount, later.price_minor, True
    )
    if undercuts(later, promised, price, shipping):
        assert undercuts(more, promised, price, shipping)
    better = Terms(promised.percent, promised.amount_minor + amount, promised.price_minor, True)
    if undercuts(later, better, price, shipping):
        assert undercuts(later, promised, price, shipping)


@given(st.integers(1, 99), st.integers(1, 99), prices)
def test_of_two_percentages_the_larger_is_never_dearer(one: int, two: int, price: int) -> None:
    if one >= two:
        assert undercuts(Terms(percent=one), Terms(percent=two), price, 0)
    elif price >= 100:
        assert not undercuts(Terms(percent=one), Terms(percent=two), price, 0)


@pytest.mark.parametrize(
    ("text", "currency", "found"),
    [
        ("全品２０％ＯＦＦ", "JPY", [Terms(percent=20)]),
        ("20%割引、2割引", "JPY", [Terms(percent=20), Terms(percent=20)]),
        ("次回500円引き", "JPY", [Terms(amount_minor=500)]),
        ("¥1,000 OFF・送料無料", "JPY", [Terms(amount_minor=1_000), Terms(shipping=True)]),
        ("特別価格 1,980円", "JPY", [Terms(price_minor=1_980)]),
        ("半額です", "JPY", [Terms(percent=50)]),
        ("Save $5.50, free shipping", "USD", [Terms(amount_minor=550), Terms(shipping=True)]),
        ("now only $12", "USD", [Terms(price_minor=1_200)]),
        ("15% off or 10 percent discount", "USD", [Terms(percent=15), Terms(percent=10)]),
        ("100%綿、1.5割引、ポイント5倍、税10%込み、¥1,980（税込）", "JPY", []),
        ("送料はかかります。5 stars. $20 a month", "USD", []),
    ],
)
def test_promises_are_read_from_words(text: str, currency: str, found: list[Terms]) -> None:
    assert [terms for _words, terms in read(text, currency)] == found
