"""The shop's calendar: what counts as ordered when, and on which days the shop works."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal.service import record
from app.mirror.events import OrderPaid
from app.parcels import expectations, rules
from app.parcels.rules import Promise
from tests import make

ZONE = "Asia/Tokyo"
promises = st.builds(
    Promise,
    ready=st.sampled_from([(0, 0), (0, 1), (1, 2), (3, 5)]),
    cut_off=st.one_of(st.none(), st.times()),
    closed_weekdays=st.frozensets(st.integers(0, 6), max_size=6),
    seasons=st.frozensets(st.sampled_from(sorted(rules.SEASONS))),
    closures=st.lists(
        st.builds(
            lambda first, days: (first, first + timedelta(days=days)),
            st.dates(date(2026, 1, 1), date(2027, 12, 31)),
            st.integers(0, 30),
        ),
        max_size=3,
    ).map(tuple),
)
moments = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(promises, moments, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_who_orders_earlier_never_waits_for_a_later_day(
    promise: Promise, placed: datetime, span: timedelta
) -> None:
    early = rules.ships_between(placed, ZONE, "JP", promise)
    late = rules.ships_between(placed + span, ZONE, "JP", promise)
    assert early[0] <= early[1]
    assert early[0] <= late[0]
    assert early[1] <= late[1]


@given(promises, moments)
def test_nothing_is_shipped_on_a_day_the_shop_is_closed(promise: Promise, placed: datetime) -> None:
    for day in rules.ships_between(placed, ZONE, "JP", promise):
        assert rules.is_open(day, "JP", promise)


@pytest.mark.parametrize(
    ("hour", "ships"),
    [(12, date(2026, 6, 9)), (13, date(2026, 6, 10))],
)
def test_until_the_cut_off_the_same_day_counts(hour: int, ships: date) -> None:
    promise = Promise(ready=(0, 0), cut_off=time(13))
    placed = datetime(2026, 6, 9, hour - 9, tzinfo=UTC)
    assert rules.ships_between(placed, ZONE, "JP", promise) == (ships, ships)


def test_new_year_runs_over_the_years_end() -> None:
    promise = Promise(ready=(1, 1), seasons=frozenset({"new_year"}))
    placed = datetime(2026, 12, 28, 1, tzinfo=UTC)
    # 29 December to 3 January are closed; the 4th is a Monday.
    assert rules.ships_between(placed, ZONE, "JP", promise)[0] == date(2027, 1, 4)


def test_a_payment_that_came_late_starts_the_clock(shop: make.MadeShop) -> None:
    with shop.work() as session:
        order = make.order(session, placed_at=make.at(2026, 6, 1), financial_status="paid")
        prompt = expectations.expected(session, order)
        record(session, OrderPaid(occurred_at=make.at(2026, 6, 4), order_id=order.id))
        assert expectations.expected(session, order)[0] == prompt[0] + timedelta(days=3)
