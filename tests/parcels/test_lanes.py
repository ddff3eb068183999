"""How long parcels take, learnt from a shop's own; the day a buyer chose."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.parcels import lanes
from app.parcels.wishes import Wish, wish

counts = st.dictionaries(st.integers(0, 30), st.integers(1, 500), max_size=6)
defaults = st.tuples(st.integers(0, 5), st.integers(0, 9)).map(lambda d: (d[0], d[0] + d[1]))


@given(defaults, st.lists(counts, max_size=3))
def test_a_window_is_a_window_within_what_was_said_and_seen(
    default: tuple[int, int], levels: list[dict[int, int]]
) -> None:
    seen = {*range(default[0], default[1] + 1), *(day for level in levels for day in level)}
    found = lanes.window(default, levels)
    assert found.first <= found.last
    assert {found.first, found.last} <= seen


@given(defaults)
def test_without_parcels_the_default_comes_out(default: tuple[int, int]) -> None:
    first, last = lanes.window((default[0], min(default[1], default[0] + 5)), [])
    assert (first, last) == (default[0], min(default[1], default[0] + 5))


def test_few_parcels_are_drawn_to_the_wider_lane_and_many_speak_for_themselves() -> None:
    # One slow parcel changes nothing; forty do.
    assert lanes.window((1, 2), [{5: 1}]).first == 1
    assert lanes.window((1, 2), [{3: 40, 4: 200, 5: 40}]) == (3, 5)
    # The island needs longer than the country, and says so once it has been seen often enough.
    country, island = {1: 200, 2: 50}, {4: 3}
    assert lanes.window((1, 2), [country, island]).first == 1
    assert lanes.window((1, 2), [country, {4: 300}]) == (4, 4)


def test_what_is_late_is_promised_by_those_that_were_late_too() -> None:
    assert lanes.rest(lanes.REST, {1: 900, 2: 50}, 2) == lanes.REST
    assert lanes.rest(lanes.REST, {1: 900, 3: 2, 6: 8}, 2) == (4, 4)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ({"country_code": "JP", "province": "沖縄県"}, ("JP", "JP/沖縄県")),
        ({"country_code": "US", "province": "California"}, ("US",)),
        (None, ("JP",)),
    ],
)
def test_a_lane_leads_to_a_prefecture_at_home_and_to_a_country_abroad(
    address: dict[str, object] | None, found: tuple[str, ...]
) -> None:
    assert lanes.region(address, "JP") == found


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (
            {"配送希望日": "2026-07-03", "配送時間帯": "14:00-16:00"},
            Wish(date(2026, 7, 3), "14-16"),
        ),
        ({"お届け日": "2026年７月３日", "お届け時間": "午前中"}, Wish(date(2026, 7, 3), "am")),
        ({"配送日時": "2026/07/03 18時〜20時"}, Wish(date(2026, 7, 3), "18-20")),
        ({"Delivery-Date": "2026/07/03"}, Wish(date(2026, 7, 3), None)),
        ({"お届け日": "2026-02-31"}, Wish()),
        ({"お届け日": "指定なし", "備考": "2026-07-03 14-16"}, Wish()),
        ({"出荷日": "2026-07-01"}, Wish()),
    ],
)
def test_the_day_and_time_a_buyer_chose_are_read_as_shops_note_them(
    notes: dict[str, object], said: Wish
) -> None:
    assert wish(notes) == said


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=4))
def test_whatever_is_noted_is_a_wish_or_none(notes: dict[str, object]) -> None:
    assert isinstance(wish(notes), Wish)
