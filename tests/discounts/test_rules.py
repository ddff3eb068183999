"""Pools: pure decisions."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.discounts import rules
from tests.make import at

ZONES = st.sampled_from(["Asia/Tokyo", "America/New_York", "Pacific/Apia", "UTC"])
MOMENTS = st.integers(0, 10 * 365 * 24 * 60).map(lambda m: at(2024, 1, 1) + timedelta(minutes=m))


@given(MOMENTS, ZONES)
def test_a_days_codes_outlive_every_deadline_of_that_day(moment: datetime, zone: str) -> None:
    ends = rules.pool_ends(rules.local_day(moment, zone), zone)
    assert ends > moment + timedelta(hours=24) + rules.GRACE - timedelta(hours=1)
    assert ends <= moment + timedelta(hours=49)


@given(st.integers(0, 5000), st.integers(0, 500), st.integers(0, 5000))
def test_enough_codes_are_kept_ready(free: int, making: int, issued: int) -> None:
    made = rules.codes_to_make(free, making, issued)
    assert 0 <= made <= rules.MOST
    assert free + making + made >= rules.LOW
    if made:
        assert free + making + made >= min(rules.MOST, 2 * issued)
