"""What looks wrong in a Japanese address, and what would be right. Pure, as Japan Post's table is
data. It errs towards silence: what the table cannot contradict is taken as the buyer wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import phonenumbers

from app.addresses import postal
from app.addresses.postal import City, Place
from app.addresses.writing import digits, key, odd, tidy, zip_code
from app.core import places, prefectures
from app.core.places import japanese

#: These are asked about kindly; the parcel would probably arrive all the same.
SOFT = frozenset({"written", "room_missing"})
_NO_NUMBER = re.compile("番地なし|無番地|番地無し")
_FLAT = "マンション|アパート|ハイツ|コーポ|レジデンス|メゾン|ハイム|パレス|コート|団地|寮"
_NO_ROOM = re.compile(rf"[0-9地号]\s*[^0-9]*(?:{_FLAT})[^0-9]*$")
_ONLY_CHOME = re.compile(r"[0-9]+丁目$")
_NAMES = {name: code for code, name in prefectures.names("ja").items()}
_LATIN = {name.casefold(): code for code, name in prefectures.names("en").items()}


@dataclass(frozen=True)
class Address:
    """The parts of an address that are checked. `province` is a code such as `JP-13`, empty when
    it is none of Japan's."""

    zip: str = ""
    province: str = ""
    city: str = ""
    address1: str = ""
    address2: str = ""
    phone: str = ""

    @property
    def prefecture(self) -> str:
        """Its name in Japanese; empty when it is not known."""
        return prefectures.names("ja").get(self.province, "")

    @property
    def line(self) -> str:
        """As it stands on a label: `〒150-0001 東京都渋谷区神宮前1-2-3 メゾン101`."""
        return places.line(self._place, self.language)

    @property
    def rows(self) -> list[str]:
        """The same on the lines of a label, so that no number breaks in two."""
        return places.rows(self._place, self.language)

    @property
    def _place(self) -> dict[str, Any]:
        return asdict(self) | {"province_code": self.province, "country_code": "JP"}

    @property
    def language(self) -> str:
        """In which letters it is written."""
        return "ja" if japanese(self.city + self.address1) else "en"


@dataclass(frozen=True)
class Finding:
    """What looks wrong, as codes (see `addresses.words`), and the address as it would be right; no
    `proposal` where only the buyer knows."""

    problems: tuple[str, ...] = ()
    proposal: Address | None = None

    @property
    def serious(self) -> bool:
        """Whether the parcel might not arrive."""
        return not SOFT.issuperset(self.problems)


def of(kept: Mapping[str, Any] | None) -> Address | None:
    """An order's address; None when it does not lie in Japan."""
    if not kept or kept.get("country_code") != "JP":
        return None
    said = {name: str(kept.get(name) or "") for name in ("zip", "city", "address1", "address2")}
    return Address(**said, province=_province(kept), phone=str(kept.get("phone") or ""))


def _province(kept: Mapping[str, Any]) -> str:
    code, name = str(kept.get("province_code") or ""), str(kept.get("province") or "")
    if code in prefectures.CODES:
        return code
    return _NAMES.get(tidy(name)) or _LATIN.get(name.strip().casefold(), "")


# --- the check ----------------------------------------------------------------------------------


def check(given: Address) -> Finding:
    """What is odd about an address, and the better one."""
    tidied = _tidied(given)
    better, problems = tidied, []
    if japanese(given.city + given.address1):
        better, mixed = _unmixed(tidied)
        problems += mixed
    better, found = _by_code(better)
    problems += found
    problems += _street(better) + _phone(given.phone)
    if any(map(odd, (given.address1, given.address2))):
        problems.append("written")
    return Finding(tuple(dict.fromkeys(problems)), better if problems and better != given else None)


def _tidied(given: Address) -> Address:
    return replace(
        given,
        zip=zip_code(given.zip),
        city=tidy(given.city),
        address1=tidy(given.address1),
        address2=tidy(given.address2),
        phone=tidy(given.phone),
    )


def _unmixed(given: Address) -> tuple[Address, list[str]]:
    """Prefecture and municipality stand in their own fields, once."""
    better, named = given, ""
    for field in ("city", "address1"):
        text = getattr(better, field)
        name = next((one for one in _NAMES if text.startswith(one)), "")
        if name:
            named = named or name
            better = replace(better, **{field: text.removeprefix(name).strip()})
    if named and (not better.province or _lies_in(better.zip, named)):
        better = replace(better, province=_NAMES[named])
    better = _with_city(better)
    problems = ["misplaced"] if better != replace(given, province=better.province) else []
    if better.province != given.province:
        problems.append("prefecture")
    return better, problems


def _with_city(given: Address) -> Address:
    """The municipality in its own field; without the same name again before the street."""
    if given.city:
        again = given.city.endswith(tuple("市区町村")) and not _town_of_its_name(given)
        street = given.address1.removeprefix(given.city).strip() if again else given.address1
        return replace(given, address1=street)
    for city in postal.cities_of(given.prefecture):
        if given.address1.startswith(city.name):
            street = given.address1.removeprefix(city.name).strip()
            return replace(given, city=city.name, address1=street)
    return given


def _town_of_its_name(given: Address) -> bool:
    """三田市 has a town 三田市."""
    city, name = _city(given), key(given.city)
    return city is not None and any(one.startswith(name) for one in postal.codes_of(city.number))


def _lies_in(code: str, prefecture: str) -> bool:
    return any(one.city.prefecture == prefecture for one in postal.places(digits(code)))


def _by_code(given: Address) -> tuple[Address, list[str]]:
    """The postal code belongs to the place; whichever of the two is sure corrects the other."""
    code = digits(given.zip)
    found = postal.places(code)
    if not japanese(given.city + given.address1):
        return _latin(given, code, found)
    if any(_agrees(one, given) for one in found):
        return _by_town(given, code, found)
    elsewhere = next((one for one in found if _begins(one.city, given)), None)
    if elsewhere is not None:
        province = _NAMES[elsewhere.city.prefecture]
        return replace(given, province=province), ["prefecture"]
    problem = "zip_elsewhere" if found else ("zip_unknown" if len(code) == 7 else "zip_missing")
    city = _city(given)
    right = _codes(city, given) if city else frozenset()
    return _with_code(given, right), [problem]


def _latin(given: Address, code: str, found: list[Place]) -> tuple[Address, list[str]]:
    if len(code) != 7:
        return given, ["zip_missing"]
    if not found:
        return given, ["zip_unknown"]
    inside = not given.province or any(one.city.prefecture == given.prefecture for one in found)
    return given, [] if inside else ["zip_elsewhere"]


def _by_town(given: Address, code: str, found: list[Place]) -> tuple[Address, list[str]]:
    """The municipality is right; is the town, too? One that stands nowhere in the address may be
    written in another way, so only a town that has other codes says no."""
    city = _city(given)
    if city is None or any(one.office or not one.town for one in found):
        return given, []
    street = _after(city, given)
    right = _codes(city, given)
    if not right or code in right or any(key(one.town) in street for one in found):
        return given, []
    return _with_code(given, right), ["zip_elsewhere"]


def _with_code(given: Address, right: frozenset[str]) -> Address:
    return replace(given, zip=zip_code(next(iter(right)))) if len(right) == 1 else given


def _agrees(place: Place, given: Address) -> bool:
    return place.city.prefecture == given.prefecture and _begins(place.city, given)


def _begins(city: City, given: Address) -> bool:
    """Whether the address begins with this municipality, or with the city whose ward it is."""
    text = key(given.city + given.address1)
    whole, sign, ward = city.name.partition("市")
    names = (*city.names, key(whole + sign)) if ward.endswith("区") else city.names
    return text.startswith(names)


def _city(given: Address) -> City | None:
    text = key(given.city + given.address1)
    return next((c for c in postal.cities_of(given.prefecture) if text.startswith(c.names)), None)


def _codes(city: City, given: Address) -> frozenset[str]:
    """The codes of the town that the street begins with."""
    street, towns = _after(city, given), postal.codes_of(city.number)
    mine = [town for town in towns if town and street.startswith(town)]
    return towns[max(mine, key=len)] if mine else frozenset()


def _after(city: City, given: Address) -> str:
    """What follows the municipality's name, as a key."""
    text = key(given.city + given.address1)
    return text[max(len(name) for name in city.names if text.startswith(name)) :]


def _street(given: Address) -> list[str]:
    text = f"{given.address1} {given.address2}".strip()
    office = any(one.office for one in postal.places(digits(given.zip)))
    numbered = any(c.isdecimal() for c in text) and not _ONLY_CHOME.search(text)
    if not numbered and not office and not _NO_NUMBER.search(text):
        return ["number_missing"]
    return ["room_missing"] if _NO_ROOM.search(text) else []


def _phone(phone: str) -> list[str]:
    return [] if usable(phone) else ["phone"]


def usable(phone: str) -> bool:
    """Whether a phone number can be called, from Japan; none at all is no wrong one."""
    if not phone.strip():
        return True
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(tidy(phone), "JP"))
    except phonenumbers.NumberParseException:
        return False


# --- who may change it, and until when ----------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What decides whether a buyer may still change an order's address."""

    enabled: bool
    placed_at: datetime
    minutes: int
    in_japan: bool
    ships: bool
    sent: bool = False
    cancelled: bool = False


def closed(standing: Standing, now: datetime) -> str | None:
    """Why the buyer cannot change the address any more; None while they can."""
    over = standing.minutes and now >= standing.placed_at + timedelta(minutes=standing.minutes)
    checks = (
        (not standing.enabled, "off"),
        (not standing.in_japan or not standing.ships, "not_here"),
        (standing.cancelled, "cancelled"),
        (standing.sent, "shipped"),
        (bool(over), "over"),
    )
    return next((why for holds, why in checks if holds), None)


def moves_away(before: Address, wanted: Address) -> bool:
    """Whether the parcel would go to another prefecture than the order said and than its postal
    code lies in: whoever holds a link to the order could wish that, so a person looks at it."""
    if wanted.province == before.province:
        return False
    return not _lies_in(before.zip, wanted.prefecture)
