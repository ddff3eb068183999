"""How Japanese addresses are written, made one. Pure; nothing here ever loses a digit."""

from __future__ import annotations

import re
import unicodedata

#: What people type for a hyphen. The long vowel sign is one only between numbers.
HYPHENS = "‐‑‒–—―−﹣－─━ｰー"
NUMERALS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_KANJI = f"[{''.join(NUMERALS)}{''.join(_UNITS)}]+"
_BETWEEN = re.compile(rf"(?<=[0-9])\s*[{HYPHENS}]\s*(?=[0-9])")
#: A number in kanji is one where it counts a lot or a house, or where hyphens join it to another:
#: 三田 and 六本木 are names, and so, officially, is 一丁目.
_COUNTED = re.compile(
    rf"({_KANJI})(?=\s*(?:番地|番(?:[0-9のノ\-\s]|{_KANJI}|$)|号(?:室|[0-9\s]|$)))"
)
_CHAINED = re.compile(
    rf"(?:{_KANJI}|[0-9]+)(?:\s*[{HYPHENS}\-ノの之]\s*(?:{_KANJI}|[0-9]+))+(?=\s|$)"
)
_PIECE = re.compile(rf"{_KANJI}|[0-9]+")
#: Signs that are written for one another in names of places.
_SAME = str.maketrans(
    "ヶヵッ之の乃がガ龍澤濱邊邉廣嶋舘條薮檜", "ケカツノノノケケ竜沢浜辺辺広島館条藪桧"
)


def number_of(kanji: str) -> int:
    """`二十三` is 23, `一〇二` is 102."""
    if not any(sign in _UNITS for sign in kanji):
        return int("".join(str(NUMERALS[sign]) for sign in kanji))
    total, held = 0, 0
    for sign in kanji:
        if sign in _UNITS:
            total, held = total + max(held, 1) * _UNITS[sign], 0
        else:
            held = held * 10 + NUMERALS[sign]
    return total + held


def tidy(text: str | None) -> str:
    """One line as it is best written: letters, digits and hyphens in one width, numbers in
    digits, single spaces."""
    plain = " ".join(unicodedata.normalize("NFKC", text or "").split())
    while (better := _better(plain)) != plain:
        plain = better
    return plain


def _better(plain: str) -> str:
    plain = _BETWEEN.sub("-", plain)
    plain = _COUNTED.sub(lambda found: str(number_of(found[1])), plain)
    return _CHAINED.sub(_digits, plain)


def _digits(found: re.Match[str]) -> str:
    """`一ノ二ノ三` and `1ー2` as people read them: `1-2-3`, `1-2`."""
    pieces = _PIECE.findall(found[0])
    return "-".join(one if one.isascii() else str(number_of(one)) for one in pieces)


def key(text: str) -> str:
    """A name for comparing: spellings that are one place are one key."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).translate(_SAME)
    plain = re.sub("大字|^字", "", plain)
    return re.sub(_KANJI, lambda found: str(number_of(found[0])), plain)


def digits(text: str | None) -> str:
    """The digits alone, in any width."""
    return "".join(c for c in unicodedata.normalize("NFKC", text or "") if c in "0123456789")


def zip_code(text: str | None) -> str:
    """`150-0001` for anything with seven digits; else what was typed, tidied."""
    found = digits(text)
    return f"{found[:3]}-{found[3:]}" if len(found) == 7 else tidy(text)


def odd(text: str | None) -> bool:
    """Whether it is written so that machines misread it: numbers in kanji, other signs for hyphens,
    narrow kana. Wide digits and hyphens are common, and every carrier reads them."""
    plain = " ".join(unicodedata.normalize("NFKC", text or "").split())
    narrow = any("｡" <= c <= "ﾟ" for c in text or "")
    return narrow or plain != tidy(text)
