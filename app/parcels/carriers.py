"""Carriers: who carries it, what they are called, what their numbers look like, where they show a
parcel. Data in `carriers.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.parcels import numbers

#: The same verb under the name that the rest of the house knows it by.
normalise_number = numbers.normalise


@dataclass(frozen=True)
class Format:
    """One shape of a carrier's numbers. `check` names a rule of `numbers.CHECKS`."""

    pattern: re.Pattern[str]
    check: str | None
    grouped: tuple[int, ...]
    joint: str
    url: str | None


@dataclass(frozen=True)
class Carrier:
    """One carrier as `carriers.toml` describes it."""

    id: str
    ja: str
    en: str
    companies: tuple[str, ...]
    url: str
    redelivery: str | None
    change: str | None
    slots: tuple[str, ...]
    formats: tuple[Format, ...]

    def format_of(self, plain: str) -> Format | None:
        """The shape a normalised number has; None when the carrier is not known to give such."""
        return next((one for one in self.formats if one.pattern.fullmatch(plain)), None)


@dataclass(frozen=True)
class Reading:
    """What a number may be: a carrier's, and whether its check digit is right (None: has none)."""

    carrier: Carrier
    shown: str
    right: bool | None
    url: str


def may_be(number: str) -> list[Reading]:
    """Every carrier that gives out such numbers, those whose check is right first."""
    plain = numbers.normalise(number)
    found = [
        Reading(
            carrier=one,
            shown=show_number(plain, one),
            right=numbers.CHECKS[shape.check](plain) if shape.check else None,
            url=(shape.url or one.url).format(n=plain),
        )
        for one in carriers().values()
        if (shape := one.format_of(plain))
    ]
    order = {True: 0, None: 1, False: 2}
    return sorted(found, key=lambda reading: order[reading.right])


def hint(company: str | None, number: str) -> str | None:
    """Why a number of this company deserves a second look: `shape` (the company is not known to
    give such numbers) or `check` (a digit is probably mistyped). None when there is nothing to
    say, or the company is none we know. It is a hint and blocks nothing."""
    known = carrier_of(company) or carrier(company)
    plain = numbers.normalise(number)
    if known is None:
        return None
    shape = known.format_of(plain)
    if shape is None:
        return "shape"
    return "check" if shape.check and not numbers.CHECKS[shape.check](plain) else None


def show_number(number: str, carrier: Carrier | None) -> str:
    """The number as the carrier prints it: `1234-5678-9012`."""
    plain = numbers.normalise(number)
    shape = carrier and carrier.format_of(plain)
    if not shape or sum(shape.grouped) != len(plain):
        return number.strip()
    return numbers.group(plain, shape.grouped, shape.joint)


def show_slot(slot: str, language: str) -> str:
    """A delivery time as people say it: `午前中`, `14時〜16時`, `2 PM – 4 PM`."""
    if slot == "am":
        return "午前中" if language == "ja" else "morning"
    first, last = (int(hour) for hour in slot.split("-"))
    if language == "ja":
        return f"{first}時〜{last}時"
    return f"{_hour(first)} – {_hour(last)}"


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
    plain = numbers.normalise(number or "")
    if known is None or not plain:
        return None
    shape = known.format_of(plain)
    return ((shape and shape.url) or known.url).format(n=plain)


def redelivery_url(company: str | None, number: str | None) -> str | None:
    """Where a person asks the carrier to come again; None where the carrier has no such page."""
    known = carrier_of(company) or carrier(company)
    return _for(known.redelivery, number) if known else None


def change_url(company: str | None, number: str | None) -> str | None:
    """Where a person chooses another day or place before the carrier has come; None where the
    carrier has no page of its own for that."""
    known = carrier_of(company) or carrier(company)
    return _for(known.change, number) if known else None


def _for(page: str | None, number: str | None) -> str | None:
    plain = numbers.normalise(number or "")
    return page.format(n=plain) if page and plain else None


@cache
def carriers() -> dict[str, Carrier]:
    """All carriers by our id."""
    data = tomllib.loads((Path(__file__).parent / "carriers.toml").read_text(encoding="utf-8"))
    return {name: _carrier(name, row) for name, row in data.items()}


def _carrier(name: str, row: dict[str, Any]) -> Carrier:
    return Carrier(
        id=name,
        ja=row["ja"],
        en=row["en"],
        companies=tuple(row["companies"]),
        url=row["url"],
        redelivery=row.get("redelivery"),
        change=row.get("change"),
        slots=tuple(row.get("slots", ())),
        formats=tuple(
            Format(
                pattern=re.compile(shape["pattern"]),
                check=shape.get("check"),
                grouped=tuple(shape.get("grouped", ())),
                joint=shape.get("joint", "-"),
                url=shape.get("url"),
            )
            for shape in row["formats"]
        ),
    )


@cache
def _by_company() -> dict[str, Carrier]:
    return {_key(name): known for known in carriers().values() for name in known.companies}


def _key(company: str) -> str:
    return "".join(unicodedata.normalize("NFKC", company).casefold().split())


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"
