"""Telephone numbers: as the world dials them, and as they may be shown."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from app.core.halfwidth import half_width

#: What people type between digits: every dash and long-vowel sign that keyboards offer a hyphen.
DASHES = re.compile("[‐‑‒–—―−ー─ｰ]")
MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def narrow(text: str) -> str:
    """Half-width, with one kind of hyphen."""
    return DASHES.sub("-", half_width(text)).strip()


def e164(text: str, country: str | None) -> str:
    """A number as the world dials it: `090-1234-5678` in Japan is `+819012345678`; empty for what
    is no number."""
    try:
        number = phonenumbers.parse(narrow(text), country or None)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def mobile(text: str | None, country: str | None) -> str:
    """The number in E.164 if it is one that a mobile telephone can have; else empty."""
    try:
        number = phonenumbers.parse(narrow(text or ""), country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
        return ""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def country_of(number: str) -> str | None:
    """The country that issued a number in E.164."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number, None))


def masked(number: str) -> str:
    """A number in E.164 as its owner knows it again and nobody else learns it:
    `090-****-5678`."""
    national = phonenumbers.format_number(
        phonenumbers.parse(number, None), PhoneNumberFormat.NATIONAL
    )
    digits = [place for place, sign in enumerate(national) if sign.isdigit()]
    hidden = set(digits[3:-4])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(national))
