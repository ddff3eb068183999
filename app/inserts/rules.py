"""What a card may be, and how its words fall into lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Size(NamedTuple):
    """A paper in millimetres, with its margin, the width of its code, and its largest type in
    points."""

    width: float
    height: float
    margin: float
    code: float
    title: float
    body: float


#: A6, the Japanese postcard (はがき) and the Japanese name card (名刺).
SIZES = {
    "a6": Size(105, 148, 11, 30, 16, 10.5),
    "hagaki": Size(100, 148, 10, 30, 16, 10.5),
    "meishi": Size(91, 55, 5, 19, 9.5, 7),
}


@dataclass(frozen=True)
class Card:
    """One printed card. `number` is the order's, small, to match card and box."""

    size: str
    shop: str
    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    invitation: str
    url: str
    number: str


#: The conditions of journeys that say something about an order about to be packed.
FLAGS = ("first_order", "repeat", "gift", "not gift", "high_value", "vip", "consumable", "complex")

_PIECES = re.compile(r"[A-Za-z0-9'’\"“”&@:/._+#%-]+[,.!?;)]*|\s+|.", re.DOTALL)
#: What may not begin a line in Japanese (行頭禁則), and what may not end one.
_NO_START = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー」』）】〕｝〉》’”ぁぃぅぇぉっゃゅょァィゥェォッャュョ…〜,.!?)"
)
_NO_END = frozenset("「『（【〔｛〈《‘“(")


#: What the warehouse's tags begin with, and how long Shopify lets an order's tag be.
PREFIX, LONGEST_TAG = "Okaeri: ", 40


def tag(name: str) -> str:
    """The tag for a card or an extra: Shopify parts tags at commas and counts no case."""
    plain = " ".join(name.replace(",", " ").replace("、", " ").split())
    return f"{PREFIX}{plain}"[:LONGEST_TAG].rstrip()


def lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """A paragraph cut into lines of at most `width`: words stay whole, and no line begins or ends
    with a mark that may not. A piece wider than a line is cut where it must be."""
    found, line = [], ""
    for piece in _bound(_PIECES.findall(text)):
        if line and measure((line + piece).rstrip()) > width:
            found.append(line.rstrip())
            line = ""
        piece = piece if line else piece.lstrip()
        while measure(piece.rstrip()) > width:
            fits = next(
                n for n in range(len(piece), 0, -1) if n == 1 or measure(piece[:n]) <= width
            )
            found.append(piece[:fits])
            piece = piece[fits:]
        line += piece
    return [*found, line.rstrip()] if line.strip() else found


def _bound(pieces: Iterable[str]) -> list[str]:
    """Pieces with the marks that belong to them."""
    found: list[str] = []
    for piece in pieces:
        if found and (piece[0] in _NO_START or found[-1][-1] in _NO_END):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def printable(text: str, known: Callable[[str], bool]) -> str:
    """The text with what the font has. A letter or a character of a name that it lacks becomes 〓,
    which Japanese printers use so that somebody sees it; other marks (emoji) are left out."""
    return "".join(
        sign if known(sign) or sign.isspace() else "〓" if sign.isalpha() else "" for sign in text
    )
