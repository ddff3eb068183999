"""What looks wrong in a Japanese address, and what would be right."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.addresses import postal, rules
from app.addresses.rules import Address, Standing, check
from app.addresses.writing import digits, key, number_of, tidy, zip_code
from app.core import prefectures

RIGHT = Address("150-0001", "JP-13", "渋谷区", "神宮前1-2-3", "", "03-1234-5678")


@pytest.mark.parametrize(
    ("wrong", "problems", "better"),
    [
        ({}, (), None),
        ({"zip": "１５００００１", "address1": "神宮前１－２－３"}, (), None),
        ({"zip": ""}, ("zip_missing",), {}),
        ({"zip": "999-9999"}, ("zip_unknown",), {}),
        ({"zip": "530-0001"}, ("zip_elsewhere",), {}),
        ({"zip": "150-0002"}, ("zip_elsewhere",), {}),
        ({"province": "JP-27"}, ("prefecture",), {}),
        ({"province": ""}, ("prefecture",), {}),
        ({"city": "東京都渋谷区"}, ("misplaced",), {}),
        ({"city": "", "address1": "東京都渋谷区神宮前1-2-3"}, ("misplaced",), {}),
        ({"address1": "渋谷区神宮前1-2-3"}, ("misplaced",), {}),
        ({"address1": "神宮前１ー２ー３"}, ("written",), {}),
        ({"address1": "神宮前一ノ二ノ三"}, ("written",), {}),
        ({"address1": "神宮前"}, ("number_missing",), None),
        ({"address1": "神宮前一丁目"}, ("number_missing",), None),
        ({"address1": "神宮前 番地なし"}, (), None),
        ({"address2": "メゾン神宮"}, ("room_missing",), None),
        ({"address2": "メゾン神宮101"}, (), None),
        ({"phone": "03-12"}, ("phone",), None),
        ({"phone": "０９０ー１２３４ー５６７８"}, (), None),
        ({"city": "Shibuya-ku", "address1": "1-2-3 Jingumae"}, (), None),
        ({"zip": "150-8015", "address1": "道玄坂"}, (), None),  # an office has its own code
    ],
)
def test_what_is_odd_is_seen_and_nothing_else(
    wrong: dict[str, str], problems: tuple[str, ...], better: dict[str, str] | None
) -> None:
    found = check(replace(RIGHT, **wrong))
    assert found.problems == problems
    assert found.proposal == (None if better is None else replace(RIGHT, **better))


def test_other_ways_to_write_a_place_are_no_mistake() -> None:
    for code, province, city, street in [
        ("604-8091", "JP-26", "京都市中京区", "寺町通御池下る下本能寺前町500"),
        ("220-0012", "JP-14", "横浜市", "西区みなとみらい2-2-1"),
        ("060-0001", "JP-01", "札幌市中央区", "北1条西5丁目2-9"),
        ("669-1536", "JP-28", "三田市", "三田市1-2"),
        ("100-0013", "JP-13", "千代田区", "霞ヶ関3-2-1"),
    ]:
        assert check(Address(code, province, city, street)).problems == ()


TABLE = postal._towns().decode().splitlines()
CODES = {name: code for code, name in prefectures.names("ja").items()}


@settings(max_examples=40)
@given(st.sampled_from(TABLE), st.integers(1, 99))
def test_every_place_of_japan_is_right_with_its_own_code(line: str, number: int) -> None:
    code = line[:7]
    place = postal.places(code)[0]
    city = place.city
    given_ = Address(zip_code(code), CODES[city.prefecture], city.name, f"{place.town}{number}-1")
    assert check(given_).problems == ()


SIGNS = st.sampled_from("0123456789０１２３一二三十百〇ーｰ－-‐ノのヶ 　丁目番地号渋谷ｺｰﾎﾟABａｂ")
TEXTS = st.text(SIGNS, max_size=24) | st.text(max_size=12)


@given(TEXTS)
def test_tidying_is_done_once_and_loses_no_digit(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    rest = iter(digits(once))
    assert all(one in rest for one in digits(text))


@given(TEXTS, TEXTS, TEXTS)
def test_a_proposal_needs_no_other(zip_: str, city: str, street: str) -> None:
    found = check(Address(zip_, "JP-13", city, street))
    if found.proposal is not None:
        again = check(found.proposal)
        assert again.proposal in (None, found.proposal)
        kept = digits(found.proposal.city + found.proposal.address1 + found.proposal.address2)
        typed = iter(kept)
        assert all(one in typed for one in digits(city + street))


@given(st.integers(1, 9999))
def test_kanji_are_read_as_numbers(number: int) -> None:
    signs, units, rest = "〇一二三四五六七八九", ["", "十", "百", "千"], str(number)
    spoken = "".join(
        signs[int(one)] + units[len(rest) - 1 - at] for at, one in enumerate(rest) if one != "0"
    )
    assert number_of(spoken) == number
    assert number_of("".join(signs[int(one)] for one in rest)) == number
    assert key(unicodedata.normalize("NFD", f"北{spoken}条")) == f"北{number}条"


NOW = datetime(2026, 6, 10, tzinfo=UTC)
OPEN = Standing(enabled=True, placed_at=NOW, minutes=0, in_japan=True, ships=True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"enabled": False}, "off"),
        ({"in_japan": False}, "not_here"),
        ({"ships": False}, "not_here"),
        ({"cancelled": True}, "cancelled"),
        ({"sent": True}, "shipped"),
        ({"minutes": 60}, "over"),
        ({"minutes": 61}, None),
    ],
)
def test_until_when_it_may_be_changed(changes: dict[str, bool], why: str | None) -> None:
    assert rules.closed(replace(OPEN, **changes), NOW + timedelta(hours=1)) == why


def test_nobody_sends_a_parcel_to_another_prefecture_alone() -> None:
    osaka = replace(RIGHT, zip="530-0001", province="JP-27", city="大阪市北区", address1="梅田1-1")
    assert rules.moves_away(RIGHT, osaka)
    assert not rules.moves_away(RIGHT, replace(RIGHT, address1="神宮前9-9"))
    # Where the postal code says the other prefecture already, the first was the mistake.
    assert not rules.moves_away(replace(osaka, province="JP-13"), osaka)
