"""Colours, zones and merchants' texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import GiveUp
from app.messages import colors, prose
from app.messages.zones import zone_of

hexes = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(hexes)
def test_every_colour_a_merchant_picks_stays_legible(color: str) -> None:
    found = colors.palette(color)
    assert colors.contrast(found.on_brand, found.brand) >= colors.AA
    assert colors.contrast(found.link, colors.WHITE) >= colors.AA
    assert colors.contrast(found.link_dark, colors.NIGHT) >= colors.AA
    assert colors.contrast(found.edge_dark, colors.NIGHT) >= colors.SHAPE


def test_what_is_no_colour_is_ours() -> None:
    assert colors.palette("red; }").brand == colors.FALLBACK


@pytest.mark.parametrize(
    ("country", "province", "shop", "expected"),
    [
        ("JP", None, "America/New_York", "Asia/Tokyo"),
        ("US", "CA", "Asia/Tokyo", "America/Los_Angeles"),
        ("US", None, "America/Chicago", "America/Chicago"),
        ("US", None, "Asia/Tokyo", "America/New_York"),
        ("AU", None, "Asia/Tokyo", "Australia/Sydney"),
        ("BR", "SP", "Asia/Tokyo", "America/Sao_Paulo"),
        ("RU", None, "Asia/Tokyo", "Europe/Moscow"),
        ("UA", None, "Asia/Tokyo", "Europe/Kyiv"),
        ("DE", None, "Europe/Zurich", "Europe/Berlin"),
        ("us", "hi", "Asia/Tokyo", "Pacific/Honolulu"),
        ("AU", "WA", "Asia/Tokyo", "Australia/Perth"),
        (None, None, "Asia/Tokyo", "Asia/Tokyo"),
        ("XX", "YY", "Asia/Tokyo", "Asia/Tokyo"),
        (None, None, "Mars/Olympus", "UTC"),
    ],
)
def test_zone_of(country: str | None, province: str | None, shop: str, expected: str) -> None:
    assert zone_of(country, province, shop) == expected


def said(**texts: str) -> prose.Words:
    source = {"subject": "s", "preheader": "", "heading": "h", "body": "b", **texts}
    return prose.fill(source, {"customer": {"name": "<b>山田</b>"}})


def test_text_is_escaped_after_it_was_filled_in() -> None:
    words = said(body="{{ customer.name }} & co\n\nnext\nline")
    assert [str(each) for each in words.paragraphs] == [
        "&lt;b&gt;山田&lt;/b&gt; &amp; co",
        "next<br>line",
    ]


def test_a_subject_is_one_line_whatever_is_in_it() -> None:
    assert said(subject="Hello\r\nBcc: x@example.com").subject == "Hello Bcc: x@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in (1..100000000) %}x{% endfor %}",
        "{% for a in (1..1000) %}{% for b in (1..1000) %}x{% endfor %}{% endfor %}",
        "{% for a in (1..900) %}{{ 'x' | append: '" + "y" * 500 + "' }}{% endfor %}",
        "{{ 'unclosed",
        "{% if %}",
        "{{ 1 | divided_by: 0 }}",
        "{{ 'a' | no_such_filter }}",
    ],
)
def test_a_hostile_or_broken_text_fails_alone_and_says_where(text: str) -> None:
    with pytest.raises(GiveUp, match=r"body\.liquid"):
        said(body=text)
