"""Stages, scores and rhythms hold for any past."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.segments import rules
from app.segments.rules import Facts, Scale
from tests import make

NOW = make.at(2026, 6, 1)
marks = st.lists(st.floats(0, 1000), min_size=4, max_size=4).map(lambda x: tuple(sorted(x)))
scales = st.builds(Scale, recency=marks, orders=marks, spent=marks, top_minor=st.none())


def past(days: float, orders: int = 3, **more: object) -> Facts:
    moment = NOW - timedelta(days=days)
    return Facts(orders=orders, first_order_at=moment, last_order_at=moment, **more)  # type: ignore[arg-type]


@given(scale=scales, days=st.floats(0, 2000), later=st.floats(0, 2000), orders=st.integers(1, 99))
def test_longer_ago_never_scores_better_and_more_never_worse(
    scale: Scale, days: float, later: float, orders: int
) -> None:
    near, far = sorted((days, later))
    one, other = rules.rfm(past(near, orders), scale, NOW), rules.rfm(past(far, orders), scale, NOW)
    assert all(1 <= score <= 5 for score in (*one, *other))
    assert one[0] >= other[0]
    assert rules.rfm(past(near, orders + 1), scale, NOW)[1] >= one[1]


@given(days=st.floats(0, 3000), later=st.floats(0, 3000), interval=st.floats(2, 400))
def test_a_stage_only_ever_moves_on(days: float, later: float, interval: float) -> None:
    order = {name: at for at, name in enumerate(rules.STAGES)}
    near, far = sorted((days, later))
    rhythm = {"spans": 2, "mean_span": interval, "spread": 0.0}
    stages = [rules.stage(past(when, **rhythm), NOW) for when in (near, far)]  # type: ignore[arg-type]
    assert order[stages[0]] <= order[stages[1]]
    # Win-back asks for at_risk or lapsed: never before one and a half intervals.
    if far < 1.5 * interval:
        assert stages[1] == "active"


@given(mean=st.floats(1, 400), spread=st.floats(0, 800), spans=st.integers(0, 9))
def test_a_rhythm_is_regular_or_none(mean: float, spread: float, spans: int) -> None:
    found = rules.own_interval(Facts(spans=spans, mean_span=mean, spread=spread))
    assert found == (mean if spans >= 2 and spread <= mean / 2 else None)


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=200))
def test_fifths_hold_a_fifth_each(values: list[float]) -> None:
    values.sort()
    cuts = rules.fifths(values)
    for number, mark in enumerate(cuts, start=1):
        assert sum(value <= mark for value in values) >= len(values) * number / 5 - 1e-9
