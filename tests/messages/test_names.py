"""How people are addressed (rules.md 2.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.names import Honorific, address_person, shorten, width


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("太郎", "山田", "山田 太郎 様"),
        ("", "山田", "山田 様"),
        ("Sarah", "Johnson", "Sarah Johnson 様"),
        ("", "", "お客様"),
        ("太郎", "", "お客様"),
        ("山田 太郎", "", "山田 太郎 様"),
        ("", "株式会社ひなた", "株式会社ひなた ご担当者様"),
        ("花子", "(株)みどり", "(株)みどり ご担当者様"),
        ("太郎様", "山田", "山田 太郎 様"),
        ("太郎さん", "山田様", "山田 太郎 様"),
        ("様", "様", "お客様"),
        ("test", "テスト", "お客様"),
        ("ああああ", "ああああ", "お客様"),
        ("123", "-", "お客様"),
        ("a@example.com", "", "お客様"),
        ("今すぐ登録", "win.example.com/x", "お客様"),
        ("太郎\u200b様\u200b", "\u202e山田", "山田 太郎 様"),
        (" 太郎 ", " 山田 ", "山田 太郎 様"),
    ],
)
def test_japanese(first: str, last: str, expected: str) -> None:
    assert address_person(first, last, "ja").greeting == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Sarah", "Johnson", "Hi Sarah,"),
        ("", "Johnson", "Hello,"),
        ("", "", "Hello,"),
        ("Mr. John", "Smith", "Hi John,"),
        ("太郎", "山田", "Hello 山田 太郎,"),
        ("Anna", "Acme Inc.", "Dear Acme Inc.,"),
        ("test", "", "Hello,"),
    ],
)
def test_english(first: str, last: str, expected: str) -> None:
    assert address_person(first, last, "en").greeting == expected


@pytest.mark.parametrize(
    ("first", "last", "company", "japanese", "english"),
    [
        ("", "", "株式会社ひなた", "株式会社ひなた ご担当者様", "Dear 株式会社ひなた,"),
        ("", "", "(株)ひなた御中", "(株)ひなた ご担当者様", "Dear (株)ひなた,"),
        ("-", "test", "Acme", "Acme ご担当者様", "Dear Acme,"),
        ("太郎", "山田", "株式会社ひなた", "山田 太郎 様", "Hello 山田 太郎,"),
        ("", "", "個人", "お客様", "Hello,"),
        ("", "", "なし", "お客様", "Hello,"),
    ],
)
def test_a_company_is_written_to_where_nobody_is_named(
    first: str, last: str, company: str, japanese: str, english: str
) -> None:
    assert address_person(first, last, "ja", company=company).greeting == japanese
    assert address_person(first, last, "en", company=company).greeting == english


@pytest.mark.parametrize(
    ("first", "last", "softer", "casual"),
    [
        ("太郎", "山田", "山田 太郎 さま", "山田さん"),
        ("太郎", "", "お客さま", "太郎さん"),
        ("", "山田", "山田 さま", "山田さん"),
        ("Sarah", "Johnson", "Sarah Johnson さま", "Sarahさん"),
        ("太郎さん", "山田様", "山田 太郎 さま", "山田さん"),
        ("花子", "株式会社ひなた御中", "株式会社ひなた ご担当者様", "株式会社ひなた ご担当者様"),
        ("", "", "お客さま", "お客様"),
    ],
)
def test_a_shop_may_choose_another_honorific(
    first: str, last: str, softer: str, casual: str
) -> None:
    assert address_person(first, last, "ja", "kana").greeting == softer
    assert address_person(first, last, "ja", "san").greeting == casual
    assert address_person(first, last, "en", "san") == address_person(first, last, "en")


HONORIFICS = ("様", "さま", "さん")
typed_names = st.one_of(
    st.text(max_size=40),
    st.builds(
        "".join,
        st.lists(st.sampled_from(["山田", "太郎", " ", "Ann", "株式会社", "御中", *HONORIFICS])),
    ),
)


@given(typed_names, typed_names, st.sampled_from(["sama", "kana", "san"]))
def test_no_honorific_is_doubled(first: str, last: str, style: Honorific) -> None:
    greeting = address_person(first, last, "ja", style).greeting
    assert greeting.endswith(HONORIFICS)
    bare = greeting[: -1 if greeting.endswith("様") else -2].rstrip()
    assert bare in ("お客",) or not bare.endswith((*HONORIFICS, "御中"))


def test_width_counts_full_width_characters() -> None:
    assert width("山田 A") == 3.0


@given(st.text(max_size=60), st.integers(3, 30))
def test_shortened_text_fits(text: str, most: int) -> None:
    assert width(shorten(text, most)) <= max(most, 0)
