"""How words fall into lines, and what is printed."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inserts import paper
from app.inserts.rules import SIZES, Card, lines, printable

SIGNS = st.sampled_from("あのー、。「」ッ漢字Coffee 200g!（）")


@given(st.lists(SIGNS, max_size=80).map("".join), st.integers(6, 40))
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    found = lines(text, width, len)
    assert all(0 < len(line) <= width for line in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)


def test_no_line_begins_or_ends_with_a_mark_that_may_not() -> None:
    assert lines("あいうえお、かきく", 5, len) == ["あいうえ", "お、かきく"]
    assert lines("あいうえ「おか」", 5, len) == ["あいうえ", "「おか」"]
    assert lines("a Coffee 200g bag", 10, len) == ["a Coffee", "200g bag"]
    assert lines("", 5, len) == []


def test_what_the_font_lacks_is_seen_in_names_and_left_out_elsewhere() -> None:
    assert printable("髙橋 様🎁", lambda sign: sign not in "髙🎁") == "〓橋 様"


def words(document: bytes) -> str:
    """What a reader of the PDF can copy: the glyphs of its pages, by the font's own table."""
    streams = [
        # Compressed bytes may end like a line: where the data ends, zlib knows best.
        zlib.decompressobj().decompress(part) if part[:1] == b"\x78" else part
        for part in re.findall(rb"stream\r?\n(.*?)endstream", document, re.DOTALL)
    ]
    table = next(one for one in streams if b"beginbfchar" in one or b"beginbfrange" in one)
    glyphs = {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table, re.IGNORECASE)
    }
    drawn = b"".join(one for one in streams if b" Tj" in one or b" TJ" in one)
    texts = []
    for raw in re.findall(rb"\(((?:\\.|[^\\)])*)\) ?\]? ?T[jJ]", drawn, re.DOTALL):
        plain = re.sub(rb"\\([()\\rnt])", lambda found: _ESCAPED.get(found[1], found[1]), raw)
        codes = [plain[at : at + 2] for at in range(0, len(plain), 2)]
        texts.append("".join(glyphs.get(int.from_bytes(code), "?") for code in codes))
    return "\n".join(texts)


_ESCAPED = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_card_carries_the_name_the_words_and_the_order(size: str) -> None:
    card = Card(
        size=size,
        shop="ひなたコーヒー",
        title="ありがとうございます",
        greeting="",
        paragraphs=("山田 太郎 様", "心を込めてお包みしました。" * 12),
        invitation="楽しみ方はこちら",
        url="https://okaeri.test/g/token",
        number="#1001",
    )
    document = paper.pdf([card, card], title="cards")
    assert document.startswith(b"%PDF-")
    assert document.count(b"/Type /Page\n") == 2
    width, height = (value * 72 / 25.4 for value in SIZES[size][:2])
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", document)
    # One box stands for pages that name none; every page names its own.
    sizes = [tuple(round(float(part)) for part in box) for box in boxes]
    assert sizes.count((round(width), round(height))) == 2
    said = words(document)
    for text in ("山田 太郎 様", "#1001", "ありがとうございます"):
        assert text in said
