"""How often, by what and with which measuring a shop writes: the merchant's word, within bounds."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.core.prefectures import CODES

AUTO, ON, OFF = "auto", "on", "off"
CHANNELS = ("email", "line")
#: Its clocks all show one time, which no other country's do.
JAPAN = "Asia/Tokyo"
#: A shop may be more reserved than we are by default, never more forward than these.
MOST_PER_WEEK, LEAST_APART_H, MOST_APART_H = 3, 24, 168

#: Where law asks for consent before a mail may report back that it was opened or clicked: the EEA
#: and Switzerland, and the United Kingdom (ePrivacy directive article 5(3) and what follows it). A
#: merchant who has that consent can switch measuring on there.
ASK_FIRST = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT"}
    | {"LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"}
    | {"IS", "LI", "NO", "CH", "GB"}
)


class Frequency(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many marketing messages a person in any seven days, so many hours apart; the
    channel tried first; whether promotional mail keeps to the evenings from Friday to Sunday; what
    is measured; and the prefectures where nothing that sells arrives for now."""

    per_week: int = 2
    apart_h: int = LEAST_APART_H
    prefer: str = "email"
    weekends: str = AUTO
    opens: str = AUTO
    clicks: str = AUTO
    held_provinces: tuple[str, ...] = ()


def measures(choice: str, country: str | None) -> bool:
    """Whether opens or clicks of a recipient in `country` are counted: as the merchant chose, or
    by default where no law asks for consent first."""
    if choice in (ON, OFF):
        return choice == ON
    return (country or "").upper() not in ASK_FIRST


def keeps_to_weekends(choice: str, zone: str) -> bool:
    """Whether promotional mail to a reader in `zone` keeps to the evenings from Friday to Sunday:
    as the merchant chose, or by default in Japan (rules.md 2.3)."""
    return choice == ON or (choice == AUTO and zone == JAPAN)


def read(form: Mapping[str, str], provinces: list[str]) -> Frequency:
    """The frequency from a form; raises `Invalid` with a sentence a field."""
    errors: dict[str, str] = {}
    per_week = _within(form.get("per_week", ""), 1, MOST_PER_WEEK, "per_week", errors)
    apart = _within(form.get("apart_h", ""), LEAST_APART_H, MOST_APART_H, "apart_h", errors)
    chosen = {
        "prefer": (form.get("prefer", ""), CHANNELS),
        "weekends": (form.get("weekends", AUTO), (AUTO, ON, OFF)),
        "opens": (form.get("opens", ""), (AUTO, ON, OFF)),
        "clicks": (form.get("clicks", ""), (AUTO, ON, OFF)),
    }
    for name, (value, allowed) in chosen.items():
        if value not in allowed:
            errors[name] = _("Choose one of the answers.")
    if errors:
        raise Invalid(errors)
    return Frequency(
        per_week=per_week,
        apart_h=apart,
        held_provinces=tuple(code for code in CODES if code in provinces),
        **{name: value for name, (value, _allowed) in chosen.items()},
    )


def _within(typed: str, least: int, most: int, name: str, errors: dict[str, str]) -> int:
    typed = typed.strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1
    if not least <= number <= most:
        errors[name] = _("Write a whole number from %(least)s to %(most)s.", least=least, most=most)
    return number
