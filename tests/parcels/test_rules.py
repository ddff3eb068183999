"""The state of a parcel from its scans, and the expected days."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.parcels import rules
from app.parcels.carriers import carrier_name, carrier_of, show_number, tracking_url
from tests.make import at

SHIPPED = at(2026, 6, 1)
statuses = st.sampled_from([*rules.STATES, "something_new"])
scans = st.lists(
    st.builds(
        lambda status, hours: rules.Scan(status, SHIPPED + timedelta(hours=hours)),
        statuses,
        st.integers(0, 400),
    ),
    unique_by=lambda scan: scan.at,
)


@given(scans, st.randoms(use_true_random=False))
def test_the_order_in_which_scans_arrive_does_not_matter(
    found: list[rules.Scan], chance: random.Random
) -> None:
    shuffled = found.copy()
    chance.shuffle(shuffled)
    assert rules.state_of(SHIPPED, found) == rules.state_of(SHIPPED, shuffled)


@given(scans)
def test_nothing_comes_after_a_delivery(found: list[rules.Scan]) -> None:
    delivered = any(scan.status == "delivered" for scan in found)
    state = rules.state_of(SHIPPED, found)
    assert (state.state == "delivered") is delivered
    assert (state.delivered_at is not None) is delivered


def test_without_a_scan_it_is_shipped() -> None:
    assert rules.state_of(SHIPPED, []).state == "shipped"


@pytest.mark.parametrize(
    ("placed", "first", "last"),
    [
        # A Friday evening in Tokyo: the weekend does not count.
        (datetime(2026, 6, 5, 10, tzinfo=UTC), date(2026, 6, 9), date(2026, 6, 11)),
        # Golden Week: 3–6 May 2027 are holidays (the 6th in lieu is none, the 3rd–5th are).
        (datetime(2027, 4, 30, 1, tzinfo=UTC), date(2027, 5, 7), date(2027, 5, 9)),
    ],
)
def test_expected_days_pass_over_days_the_shop_is_closed(
    placed: datetime, first: date, last: date
) -> None:
    assert rules.expected_dates(placed, "Asia/Tokyo", "JP", rules.Promise()) == (first, last)


@given(st.integers(0, 15 * 365 * 24).map(lambda hours: at(2020, 1, 1) + timedelta(hours=hours)))
def test_an_expected_range_is_a_range_after_the_order(placed: datetime) -> None:
    first, last = rules.expected_dates(placed, "Asia/Tokyo", "JP", rules.Promise())
    assert placed.date() < first <= last


@pytest.mark.parametrize("company", ["Yamato (JA)", "ヤマト運輸", "yamato (en)", "クロネコ ヤマト"])
def test_a_carrier_is_known_by_what_shops_write(company: str) -> None:
    found = carrier_of(company)
    assert found is not None
    assert found.id == "yamato"


def test_a_carriers_name_and_number_as_its_customers_know_them() -> None:
    assert carrier_name("Yamato (JA)", "ja") == "ヤマト運輸"
    assert carrier_name("Yamato (JA)", "en") == "Yamato Transport"
    assert carrier_name("近所の自転車便", "ja") == "近所の自転車便"
    assert show_number("１２３４ 56789013", carrier_of("ヤマト")) == "1234-5678-9013"


def test_the_shops_own_link_comes_before_the_carriers() -> None:
    given_link = "https://example.com/track/1"
    assert tracking_url("Yamato (JA)", "123456789013", given_link) == given_link
    assert (tracking_url("Sagawa (JA)", "1234-5678-9013") or "").endswith("okurijoNo=123456789013")
    assert tracking_url("近所の自転車便", "1") is None
    assert tracking_url(None, None, "javascript:alert(1)") is None
