"""Postal addresses as people write them on a label: each country's own order, in the letters in
which the address itself is written. A place is what Shopify keeps of one: `zip`, `province`,
`province_code`, `city`, `address1`, `address2`, `country_code`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel import Locale

from app.core import prefectures

_JAPANESE = re.compile("[぀-ヿ㐀-鿿々〆]")
_HANGUL = re.compile("[가-힣]")
#: From the large to the small where they are written in their own letters, and what stands between.
_LARGE_FIRST = {"JP": "", "CN": "", "TW": "", "KR": " "}
#: The postal code stands before the town, and no region is named.
_ZIP_FIRST = frozenset(
    (
        *("AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IS"),
        *("IT", "LT", "LU", "LV", "MC", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK"),
    )
)
#: No region is named either.
_TOWN_AND_ZIP = frozenset(["GB", "IE", "NZ", "SG"])
#: Regions are written as their codes.
_CODED = frozenset(["US", "CA", "AU", "MX", "BR"])


_COUNTRY = re.compile("[A-Z]{2}")
#: Two letters that name no country: unions, oceans, and the unknown.
_NO_COUNTRY = frozenset(["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"])
_DOOR = ("zip", "province_code", "city", "address1", "address2", "country_code")


def japanese(text: str) -> bool:
    """Whether it is written in Japanese letters."""
    return bool(_JAPANESE.search(text))


def rows(place: Mapping[str, Any], language: str, *, home: str = "") -> list[str]:
    """The lines of a label, without the name. `home` is the sender's country: another one is named
    in `language`."""
    return _written(place, language, home)[0]


def line(place: Mapping[str, Any], language: str, *, home: str = "") -> str:
    """The same on one line: `〒150-0001 東京都渋谷区神宮前1-2-3 メゾン101` or
    `12 Maple Street, Apt 4, Brooklyn, NY 11201`."""
    found, between = _written(place, language, home)
    return between.join(found)


def area(place: Mapping[str, Any], language: str) -> str:
    """Only the town: `東京都渋谷区`, `Brooklyn, NY`."""
    known = {key: place.get(key) for key in ("province", "province_code", "city", "country_code")}
    return line(known, language)


def same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether a parcel would go to the same door: names and telephone numbers do not count."""
    return all((one or {}).get(key) == (other or {}).get(key) for key in _DOOR)


def _written(place: Mapping[str, Any], language: str, home: str) -> tuple[list[str], str]:
    """The lines, and what stands between them on one."""
    said = {key: str(place.get(key) or "").strip() for key in ("zip", "city", "country_code")}
    country = said["country_code"] or home or ("JP" if language == "ja" else "")
    street = [str(place.get(key) or "").strip() for key in ("address1", "address2")]
    found, between = [*street, _town(said, _region(place, country, "en"), country)], ", "
    if country in _LARGE_FIRST and _own_letters(said["city"] + street[0], language):
        code = f"〒{said['zip']}" if country == "JP" and said["zip"] else said["zip"]
        body = (_region(place, country, "ja"), said["city"], street[0])
        found = [code, _LARGE_FIRST[country].join(filter(None, body)), street[1]]
        between = " "
    if home and said["country_code"] not in ("", home):
        found.append(country_name(said["country_code"], language))
    return [row for row in found if row], between


def _own_letters(text: str, language: str) -> bool:
    return japanese(text) or bool(_HANGUL.search(text)) if text else language == "ja"


def _region(place: Mapping[str, Any], country: str, letters: str) -> str:
    """Japan's prefectures in the letters of the address: Shopify names them in English."""
    code, name = (str(place.get(key) or "").strip() for key in ("province_code", "province"))
    if country == "JP":
        return prefectures.names(letters).get(code, name)
    return code if country in _CODED and code else name


def _town(said: Mapping[str, str], region: str, country: str) -> str:
    city, code = said["city"], said["zip"]
    if country in _ZIP_FIRST:
        return f"{code} {city}".strip()
    if country in _TOWN_AND_ZIP:
        return f"{city} {code}".strip()
    if region.casefold() == city.casefold():
        region = ""
    return ", ".join(filter(None, (city, f"{region} {code}".strip())))


def country_name(code: str, language: str) -> str:
    """A country as people of a language call it; the code itself where nobody knows it."""
    return str(Locale.parse(language).territories.get(code, code))


def countries(language: str) -> dict[str, str]:
    """Code → name of every country, by name."""
    known = {str(code): str(name) for code, name in Locale.parse(language).territories.items()}
    codes = [code for code in known if _COUNTRY.fullmatch(code) and code not in _NO_COUNTRY]
    return {code: known[code] for code in sorted(codes, key=lambda code: known[code])}
