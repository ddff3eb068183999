"""How a person is addressed (rules.md 2.1). Pure: what was typed in, what is said out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.core.places import japanese

_HONORIFICS = re.compile(r"[\s ]*(様方|様|さま|サマ|さん|殿|御中|ご担当者)+$")
_TITLES = re.compile(r"^(mr|mrs|ms|mx|dr|miss)\.?\s+", re.IGNORECASE)
_COMPANY = re.compile(
    r"(株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|医療法人|学校法人"
    r"|\(株\)|\(有\)|㈱|㈲|\b(inc|llc|ltd|corp|gmbh|co)\b\.?)",
    re.IGNORECASE,
)
_JUNK = frozenset(
    {
        "test", "tester", "テスト", "guest", "ゲスト", "none", "null", "na", "n/a", "なし",
        "名無し", "名前", "name", "customer", "お客", "匿名",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """`greeting` opens a mail (`山田 太郎 様`, `Hi Sarah,`); `called` is how the person is called
    inside a sentence (`山田 太郎 様`, `Sarah`), empty where English would rather say nothing."""

    greeting: str
    called: str


def address_person(first: str, last: str, locale: str) -> Name:
    """How to address someone who typed these two names. Nobody's gender is guessed, no first name
    stands alone before 様, and an honorific that was typed in is not doubled."""
    first, last = _clean(first), _clean(last)
    return _japanese(first, last) if locale == "ja" else _english(first, last)


def _japanese(first: str, last: str) -> Name:
    company = next((part for part in (last, first) if _COMPANY.search(part)), "")
    if company:
        # A person typed beside the company is not named: who opens the mail is not known.
        return _same(f"{company} ご担当者様")
    if first and last:
        native = japanese(first + last)
        return _same(f"{last} {first} 様" if native else f"{first} {last} 様")
    if last:
        return _same(f"{last} 様")
    if " " in first:
        # The whole name in one field.
        return _same(f"{first} 様")
    return _same("お客様")


def _english(first: str, last: str) -> Name:
    if any(_COMPANY.search(part) for part in (first, last)):
        return Name("Hello,", "")
    if japanese(first + last):
        full = " ".join(part for part in (last, first) if part)
        return Name(f"Hello {full},", full)
    if first:
        return Name(f"Hi {first},", first)
    return Name("Hello,", "")


def _same(text: str) -> Name:
    return Name(text, text)


def _clean(part: str) -> str:
    """One name without stray spaces, honorifics and titles; empty when it is no name at all."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", part or "")).strip()
    bare = _TITLES.sub("", _HONORIFICS.sub("", plain)).strip()
    if bare.casefold() in _JUNK or "@" in bare or "://" in bare:
        return ""
    letters = [sign for sign in bare if unicodedata.category(sign).startswith("L")]
    if not letters or (len(letters) > 2 and len(set(bare.casefold())) == 1):
        return ""
    return bare if len(bare) <= 60 else ""


def width(text: str) -> float:
    """How wide a subject is, counted in full-width characters (全角); a half-width one is half."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in text)


def shorten(text: str, most: float) -> str:
    """`text` in at most `most` full-width characters, with an ellipsis where something was cut."""
    if width(text) <= most:
        return text
    kept = ""
    for sign in text:
        if width(kept + sign) > most - 1:
            break
        kept += sign
    return kept.rstrip(" ・、,(（") + "…"
