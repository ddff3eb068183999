"""How a person is addressed (rules.md 2.1). Pure: what was typed in, what is said out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from app.core.places import japanese

#: How a shop addresses people in Japanese: 様, さま, or さん.
Honorific = Literal["sama", "kana", "san"]

_HONORIFICS = re.compile(r"(?:\s*(?:様方|様|さま|サマ|さん|殿|御中|ご担当者))+$")
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
#: Signs that nobody sees, and those that turn what follows around. Two that join letters of a
#: script are left.
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: An address for a name is somebody's advertising to whoever the mail goes to.
_ADDRESS = re.compile(
    r"@|://|\bwww\.|\.(?:com|net|org|info|biz|jp|cn|ru|xyz|top|shop|site|online|club|click|link|vip)"
    r"(?![a-z])",
    re.IGNORECASE,
)

#: What people write into a company's field who have none.
_NO_COMPANY = frozenset(
    {"個人", "個人宅", "自宅", "個人事業主", "private", "personal", "individual", "home", "self"}
)


@dataclass(frozen=True)
class Name:
    """`greeting` opens a mail (`山田 太郎 様`, `Hi Sarah,`); `called` is how the person is called
    inside a sentence (`山田 太郎 様`, `Sarah`), empty where English would rather say nothing."""

    greeting: str
    called: str


def address_person(
    first: str, last: str, locale: str, style: Honorific = "sama", company: str = ""
) -> Name:
    """How to address someone who typed these two names. Nobody's gender is guessed, no first name
    stands alone before 様, and an honorific that was typed in is not doubled. `style` is the shop's
    choice for Japanese: `山田 太郎 様`, `山田 太郎 さま`, or `山田さん` for a casual brand.
    `company` stands in where the names name nobody."""
    first, last = _clean(first), _clean(last)
    # A person typed beside the company is not named: who opens the mail is not known.
    named = next((part for part in (last, first) if _COMPANY.search(part)), "")
    company = named or _clean(company)
    if company.casefold() in _NO_COMPANY:
        company = ""
    if locale == "ja":
        return _japanese("" if named else first, "" if named else last, style, company)
    return _english("" if named else first, "" if named else last, company)


def _japanese(first: str, last: str, style: Honorific, company: str) -> Name:
    called = _casual(first, last) if style == "san" else _formal(first, last)
    if called:
        return _same(called + {"sama": " 様", "kana": " さま", "san": "さん"}[style])
    if company:
        return _same(f"{company} ご担当者様")
    return _same("お客さま" if style == "kana" else "お客様")


def _formal(first: str, last: str) -> str:
    """The full name, or the family name alone; never the given name alone."""
    if first and last:
        return f"{last} {first}" if japanese(first + last) else f"{first} {last}"
    # The whole name may stand in one field.
    return last or (first if " " in first else "")


def _casual(first: str, last: str) -> str:
    """One name as people say it: the family's, in Latin letters the given one."""
    return (last or first) if japanese(first + last) else (first or last)


def _english(first: str, last: str, company: str) -> Name:
    if japanese(first + last):
        full = " ".join(part for part in (last, first) if part)
        return Name(f"Hello {full},", full)
    if first:
        return Name(f"Hi {first},", first)
    return Name(f"Dear {company}," if company else "Hello,", "")


def _same(text: str) -> Name:
    return Name(text, text)


def _clean(part: str) -> str:
    """One name without stray spaces, honorifics and titles; empty when it is no name at all."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", part or ""))
    plain = re.sub(r"\s+", " ", seen).strip()
    bare = _TITLES.sub("", _HONORIFICS.sub("", plain)).strip()
    if bare.casefold() in _JUNK or _ADDRESS.search(bare):
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
