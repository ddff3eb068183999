"""Pure decisions of the mirror."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mirror import rules

THEN = datetime(2026, 6, 1, tzinfo=UTC)
FINANCIAL = [
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "voided",
]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("1990-05-17", "05-17"),
        ("1990年5月17日", "5月17日"),
        ("05/17/1990", "05/17"),
        ("5月17日", "5月17日"),
        (None, None),
    ],
)
def test_nobodys_year_of_birth_is_kept(told: str | None, kept: str | None) -> None:
    said = {"生年月日": told, "Birthday": told, "gift_note": "Since 1990-05-17"}
    found = rules.without_birth_year(said)
    assert (found["生年月日"], found["Birthday"]) == (kept, kept)
    assert found["gift_note"] == "Since 1990-05-17"


@pytest.mark.parametrize(
    ("names", "at_the_door"),
    [
        (["Cash on Delivery (COD)"], True),
        (["代金引換"], True),
        (["ヤマト運輸の代引き"], True),
        (["ＣＯＤ"], True),
        (["cash_on_delivery"], True),
        (["gift_card", "代金引換 (COD)"], True),
        (["コンビニ決済"], False),
        (["銀行振込", "gift_card"], False),
        (["codabar_pay"], False),
        ([], False),
    ],
)
def test_who_collects_the_money_is_read_from_the_way_to_pay(
    names: list[str], at_the_door: bool
) -> None:
    assert rules.is_paid_on_delivery(names) is at_the_door


@pytest.mark.parametrize(
    ("product_type", "tags", "title", "kind"),
    [
        ("Coffee", [], "House blend", "consumable"),
        ("コーヒー豆", [], "ひなたブレンド 200g", "consumable"),
        ("", ["定番"], "緑茶 100g", "consumable"),
        ("Espresso machine", [], "Bella", "complex"),
        ("Coffee grinder", [], "Milly", "complex"),
        ("", [], "手挽きコーヒーミル", "complex"),
        ("Coffee mug", [], "Blue", "standard"),
        ("", ["ギフト"], "お茶詰め合わせ", "gift"),
        ("Bakery", [], "Sourdough", "fast"),
        ("Shoes", [], "Runner", "long_cycle"),
        ("Gift card", [], "¥5,000", "digital"),
        ("", [], "Steak sauce", "standard"),
        ("", [], "Team scarf", "standard"),
        ("", [], "ミルクピッチャー", "standard"),
    ],
)
def test_a_products_kind_is_guessed(
    product_type: str, tags: list[str], title: str, kind: str
) -> None:
    assert rules.product_kind(product_type, tags, title) == kind


def test_what_is_not_shipped_is_digital() -> None:
    assert rules.product_kind("Coffee", [], "Course", requires_shipping=False) == "digital"


def test_tags_come_as_text_or_list() -> None:
    assert rules.split_tags(" a, b ,,c") == rules.split_tags(["a", " b", "", "c "])


@given(st.sampled_from(FINANCIAL), st.sampled_from(FINANCIAL))
def test_of_one_second_exactly_one_payload_is_the_newer(one: str, two: str) -> None:
    first = rules.order_progress(one, None, None)
    second = rules.order_progress(two, None, None)
    forth = rules.newer(THEN, first, THEN, second)
    back = rules.newer(THEN, second, THEN, first)
    assert not (forth and back)
    assert forth or back or first == second


def test_a_later_second_is_newer_however_far_the_order_was() -> None:
    done, begun = (
        rules.order_progress("refunded", None, THEN),
        rules.order_progress(None, None, None),
    )
    assert rules.newer(THEN + timedelta(seconds=1), begun, THEN, done)
    assert not rules.newer(THEN, done, THEN + timedelta(seconds=1), begun)


@given(st.lists(st.sampled_from(FINANCIAL), min_size=1))
def test_a_refund_is_never_undone(statuses: list[str]) -> None:
    status: str | None = None
    for said in statuses:
        status = rules.merged_financial(status, said)
    if "refunded" in statuses:
        assert status == "refunded"
    elif "partially_refunded" in statuses:
        assert status == "partially_refunded"
    else:
        assert status == statuses[-1]


@pytest.mark.parametrize(
    ("quantities", "financial", "refunded", "answer"),
    [
        ([(2, 2)], "paid", False, "none"),
        ([(2, 1)], "partially_refunded", False, "part"),
        ([(2, 1), (1, 1)], "paid", True, "part"),
        ([(2, 0), (1, 0)], "paid", True, "full"),
        ([(2, 2)], "refunded", False, "full"),
        ([], "paid", True, "part"),
    ],
)
def test_how_much_went_back(
    quantities: list[tuple[int, int]], financial: str, refunded: bool, answer: str
) -> None:
    assert rules.refund_of(quantities, financial, refunded=refunded) == answer


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("not_subscribed", "subscribed", True),
        ("subscribed", "unsubscribed", False),
        ("subscribed", "not_subscribed", False),
        ("not_subscribed", "pending", None),
        ("not_subscribed", "unsubscribed", False),
        ("unsubscribed", "redacted", None),
        ("unsubscribed", "subscribed", True),
    ],
)
def test_which_change_of_consent_is_news(before: str, after: str, change: bool | None) -> None:
    assert rules.consent_change(before, after) is change
