"""Where a reader's clock stands, from the country and province of an address. Pure."""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EASTERN = "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV"
_CENTRAL = "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI"
#: Provinces of the countries that lie in several zones, by the zone most of their people live in.
PROVINCES: dict[str, dict[str, str]] = {
    "US": {
        **dict.fromkeys(_EASTERN.split(), "America/New_York"),
        **dict.fromkeys(_CENTRAL.split(), "America/Chicago"),
        **dict.fromkeys(["CO", "ID", "MT", "NM", "UT", "WY"], "America/Denver"),
        **dict.fromkeys(["CA", "NV", "OR", "WA"], "America/Los_Angeles"),
        "AZ": "America/Phoenix",
        "AK": "America/Anchorage",
        "HI": "Pacific/Honolulu",
        "PR": "America/Puerto_Rico",
        "GU": "Pacific/Guam",
    },
    "CA": {
        **dict.fromkeys(["ON", "QC"], "America/Toronto"),
        **dict.fromkeys(["NS", "NB", "PE"], "America/Halifax"),
        "NL": "America/St_Johns",
        "MB": "America/Winnipeg",
        "SK": "America/Regina",
        "AB": "America/Edmonton",
        "BC": "America/Vancouver",
        "YT": "America/Whitehorse",
        "NT": "America/Yellowknife",
        "NU": "America/Iqaluit",
    },
    "AU": {
        **dict.fromkeys(["NSW", "ACT"], "Australia/Sydney"),
        "VIC": "Australia/Melbourne",
        "QLD": "Australia/Brisbane",
        "SA": "Australia/Adelaide",
        "WA": "Australia/Perth",
        "TAS": "Australia/Hobart",
        "NT": "Australia/Darwin",
    },
}

#: Where most people of a country live, when that is not in the first of its zones.
MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
}


def zone_of(country: str | None, province: str | None, otherwise: str) -> str:
    """The zone of an address, or `otherwise` (the shop's) where the address does not say.

    A country of several zones whose province we cannot place counts as the shop's zone when that
    lies in it, and else as the zone where most of its people live.
    """
    code = (country or "").upper()
    named = PROVINCES.get(code, {}).get((province or "").upper())
    candidates = _zones().get(code, [])
    if named and _known(named):
        return named
    if otherwise in candidates or not candidates:
        return otherwise if _known(otherwise) else "UTC"
    return MOST_PEOPLE.get(code, candidates[0])


@cache
def _zones() -> dict[str, list[str]]:
    """Each country's own zones, as the tz database lists them: from east to west, or so, and by
    their people where that does not stand against it."""
    found: dict[str, list[str]] = {}
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for row in table.splitlines():
        if row and not row.startswith("#"):
            code, _place, name = row.split("\t")[:3]
            found.setdefault(code, []).append(name)
    return found


@cache
def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
