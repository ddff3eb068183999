"""What may be wrong with a tracking number, in the merchant's words."""

from __future__ import annotations

from app.core.locale import gettext as _
from app.parcels.carriers import carrier_name, hint

#: Why a number deserves a second look (message ids; see the catalogue).
HINTS = {
    "shape": "%(carrier)s is not known to give such numbers. Please look again.",
    "check": "The check digit is not %(carrier)s's. Please look again.",
}


def second_look(company: str | None, number: str | None, language: str) -> str:
    """Why a parcel's number may be mistyped; empty when nothing speaks against it. A hint (rules.md
    2.5): carriers change their ranges without telling anybody."""
    found = hint(company, number) if number else None
    return _(HINTS[found], carrier=carrier_name(company, language)) if found else ""
