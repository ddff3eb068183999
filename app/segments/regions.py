"""The parts of countries that orders went to, by the codes of ISO 3166-2: `JP-13`, `US-CA`.

Shopify writes a prefecture's code with its country and a state's without; addresses that came
without a code are known by the name they were given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core import prefectures
from app.core.places import country_name

#: Of so many orders, the latest, the regions are offered to choose from.
LATEST = 3_000
_CODE = re.compile("[A-Z]{2}-[A-Z0-9]{1,5}")
#: An order's region (`w`): its code, and the name in its address.
NAME = "nullif(w.shipping_address ->> 'province', '')"
CODE = """CASE WHEN w.shipping_address ->> 'province_code' LIKE '__-%'
        THEN w.shipping_address ->> 'province_code'
        WHEN w.shipping_address ->> 'province_code' <> ''
        THEN concat_ws('-', nullif(w.shipping_address ->> 'country_code', ''),
            w.shipping_address ->> 'province_code') END"""
#: Asks whether `region` is one of those that are meant.
MEANT = "(region = ANY(:regions) OR region ILIKE :region)"
_LATEST = f"""
    SELECT region, max(name) AS name FROM (
        SELECT {CODE} AS region, {NAME} AS name FROM orders w ORDER BY w.placed_at DESC
        LIMIT {LATEST}) AS found
    WHERE region IS NOT NULL GROUP BY region ORDER BY region
"""  # noqa: S608  # built from constants of this module


@dataclass(frozen=True)
class Country:
    """A country's regions: code and name."""

    name: str
    regions: list[tuple[str, str]]


def values(wanted: str) -> dict[str, Any]:
    """What `MEANT` is asked with: a code and its names, or a part of a name, as links of before
    have it."""
    if not _CODE.fullmatch(wanted):
        return {"regions": [], "region": f"%{wanted.replace('%', '')}%"}
    names = [prefectures.names(one).get(wanted) for one in ("ja", "en")]
    return {"regions": [wanted, *filter(None, names)], "region": None}


def offered(session: Session, home: str | None, language: str) -> list[Country]:
    """The regions to choose from by country, the shop's own first: those that orders went to, and
    in Japan all of them."""
    found: dict[str, dict[str, str]] = {}
    if home == "JP":
        found["JP"] = prefectures.names(language)
    for code, name in session.execute(text(_LATEST)):
        own = prefectures.names(language).get(code)
        found.setdefault(code[:2], {}).setdefault(code, own or name or code[3:])
    ranked = sorted(found, key=lambda one: (one != home, country_name(one, language)))
    return [Country(country_name(one, language), list(found[one].items())) for one in ranked]
