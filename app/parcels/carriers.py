"""Carriers: who carries it, what they are called, where they show it. Data in `carriers.toml`."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Carrier:
    """One carrier as `carriers.toml` describes it."""

    id: str
    ja: str
    en: str
    companies: tuple[str, ...]
    url: str
    grouped: tuple[int, ...]


def normalise_number(number: str) -> str:
    """A tracking number as carriers store it: half-width, no spaces, no hyphens."""
    narrow = unicodedata.normalize("NFKC", number)
    return "".join(sign for sign in narrow if sign.isalnum()).upper()


def show_number(number: str, carrier: Carrier | None) -> str:
    """The number as the carrier prints it: `1234-5678-9012`."""
    plain = normalise_number(number)
    if carrier is None or sum(carrier.grouped) != len(plain):
        return number.strip()
    parts, start = [], 0
    for size in carrier.grouped:
        parts.append(plain[start : start + size])
        start += size
    return "-".join(parts)


def carrier_of(company: str | None) -> Carrier | None:
    """The carrier a fulfillment's company names; None for one we do not know."""
    return _by_company().get(_key(company or ""))


def carrier(carrier_id: str | None) -> Carrier | None:
    """The carrier with our id."""
    return carriers().get(carrier_id or "")


def carrier_name(company: str | None, locale: str) -> str | None:
    """The carrier's name in the reader's language; a company we do not know keeps its own name."""
    known = carrier_of(company) or carrier(company)
    if known is None:
        return company or None
    return known.ja if locale == "ja" else known.en


def tracking_url(company: str | None, number: str | None, given: str | None = None) -> str | None:
    """Where the carrier shows the parcel: the shop's own link if there is one, else its page."""
    if given and given.startswith("https://"):
        return given
    known = carrier_of(company) or carrier(company)
    if known is None or not number:
        return None
    return known.url.format(n=normalise_number(number))


@cache
def carriers() -> dict[str, Carrier]:
    """All carriers by our id."""
    data = tomllib.loads((Path(__file__).parent / "carriers.toml").read_text(encoding="utf-8"))
    return {
        name: Carrier(
            id=name,
            ja=row["ja"],
            en=row["en"],
            companies=tuple(row["companies"]),
            url=row["url"],
            grouped=tuple(row["grouped"]),
        )
        for name, row in data.items()
    }


@cache
def _by_company() -> dict[str, Carrier]:
    return {_key(name): known for known in carriers().values() for name in known.companies}


def _key(company: str) -> str:
    return "".join(unicodedata.normalize("NFKC", company).casefold().split())
