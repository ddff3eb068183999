"""Tracking numbers: check digits, shapes, and what a number may be. Nothing is ever refused."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.cli import commands
from app.parcels import carriers, numbers

eleven = st.from_regex(r"[0-9]{11}", fullmatch=True)


@pytest.mark.parametrize(
    ("first", "check"), [("12345678901", 3), ("40123456789", 3), ("50098765432", 2)]
)
def test_the_japanese_check_digit(first: str, check: int) -> None:
    right = [digit for digit in range(10) if numbers.mod7(f"{first}{digit}")]
    assert right == [check]


@pytest.mark.parametrize(("first", "check"), [("47312482", 9), ("12345678", 5)])
def test_the_posts_international_check_digit(first: str, check: int) -> None:
    right = [digit for digit in range(10) if numbers.s10(f"EE{first}{digit}JP")]
    assert right == [check]


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z999AA10123456784", "ups"),
        ("986578788855", "fedex"),
        ("9205590164917312751089", "usps"),
        ("3318810025", "dhl"),
        ("EE123456785JP", "japan-post"),
        ("AB473124829GB", "royal-mail"),
    ],
)
def test_genuine_numbers_of_the_large_carriers(number: str, carrier: str) -> None:
    right = {reading.carrier.id for reading in carriers.may_be(number) if reading.right}
    assert carrier in right


@given(eleven)
def test_every_number_has_one_right_check_digit(first: str) -> None:
    assert sum(numbers.mod7(f"{first}{digit}") for digit in range(10)) == 1


@given(eleven, st.sampled_from("-‐−– 　"))
def test_how_a_number_is_typed_does_not_matter(first: str, joint: str) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in first)
    assert numbers.normalise(joint.join(wide)) == first


@given(st.text(max_size=40), st.sampled_from([None, "Yamato (JA)", "EMS", "UPS", "自転車便"]))
def test_any_text_gets_hints_at_most(text: str, company: str | None) -> None:
    for reading in carriers.may_be(text):
        assert numbers.normalise(reading.shown) == numbers.normalise(text)
    assert carriers.hint(company, text) in (None, "shape", "check")


def test_twelve_digits_do_not_name_their_carrier() -> None:
    right = [reading.carrier.id for reading in carriers.may_be("1234-5678-9013") if reading.right]
    assert right == ["yamato", "sagawa", "japan-post"]


@pytest.mark.parametrize(
    ("company", "number", "hint"),
    [
        ("Yamato (JA)", "1234-5678-9013", None),
        ("Yamato (JA)", "1234-5678-9012", "check"),
        ("Yamato (JA)", "1234", "shape"),
        ("EMS", "ee123456785jp", None),
        ("近所の自転車便", "1234", None),
        (None, "1234", None),
    ],
)
def test_a_hint_for_the_carrier_that_is_named(
    company: str | None, number: str, hint: str | None
) -> None:
    assert carriers.hint(company, number) == hint


def test_an_international_number_has_its_own_page_and_print() -> None:
    assert "searchKind=S004" in (carriers.tracking_url("Japan Post (EN)", "EE123456785JP") or "")
    assert "searchKind=S002" in (carriers.tracking_url("Japan Post (JA)", "123456789013") or "")
    post = carriers.carrier("japan-post")
    assert carriers.show_number("ＥＥ１２３４５６７８５ＪＰ", post) == "EE 123 456 785 JP"
    assert carriers.show_number("12345 ", post) == "12345"


@pytest.mark.parametrize("carrier", carriers.carriers().values(), ids=lambda one: one.id)
def test_what_the_data_says_can_be_used(carrier: carriers.Carrier) -> None:
    assert carrier.url.startswith("https://")
    assert "{n}" in carrier.url
    assert carrier.redelivery is None or carrier.redelivery.startswith("https://")
    # A page for another day is none that only shows the parcel.
    assert carrier.change is None or carrier.change.startswith("https://")
    assert carrier.change not in {carrier.url, *(shape.url for shape in carrier.formats)} - {None}
    assert carrier.formats
    assert {shape.check for shape in carrier.formats} <= {None, *numbers.CHECKS}
    for slot in carrier.slots:
        assert slot == "am" or re.fullmatch(r"\d\d-\d\d", slot)
    for company in carrier.companies:
        assert carriers.carrier_of(company) is carrier


def test_delivery_times_are_shown_as_people_say_them() -> None:
    yamato = carriers.carriers()["yamato"]
    shown = [carriers.show_slot(slot, "ja") for slot in yamato.slots]
    assert shown == ["午前中", "14時〜16時", "16時〜18時", "18時〜20時", "19時〜21時"]
    assert carriers.show_slot("12-14", "en") == "12 PM – 2 PM"


def test_another_delivery_is_asked_for_at_the_carrier() -> None:
    link = carriers.redelivery_url("Yamato (JA)", "1234-5678-9013") or ""
    assert link.endswith("number01=123456789013")
    assert carriers.redelivery_url("西濃運輸", "1234567890") is None
    assert carriers.redelivery_url("Yamato (JA)", None) is None


def test_the_command_says_what_a_number_may_be() -> None:
    said = CliRunner().invoke(
        commands, ["carriers", "check", "１２３４-５６７８-９０１３", "--json"]
    )
    assert said.exit_code == 0
    found = json.loads(said.output)
    assert found["number"] == "123456789013"
    assert [row["carrier"] for row in found["may_be"]][:3] == ["yamato", "sagawa", "japan-post"]
    assert found["may_be"][0]["check"] == "right"
    assert found["hint"] is None


def test_the_command_never_refuses() -> None:
    args = ["carriers", "check", "123456789012", "--company", "Yamato (JA)"]
    wrong = CliRunner().invoke(commands, args)
    assert wrong.exit_code == 0
    assert "check digit wrong" in wrong.output
    assert "not Yamato Transport's" in wrong.output
    nothing = CliRunner().invoke(commands, ["carriers", "check", "hello"])
    assert nothing.exit_code == 0
    assert "like no number" in nothing.output
