"""The table of countries (`countries.toml`): where being a customer is enough, and where not."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

TABLE = Path(__file__).with_suffix(".toml")


class CountryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the law of some countries says. `ja` and `en` are plain words for the merchant."""

    key: str
    countries: tuple[str, ...]
    being_customer: Literal["switch", "own", "never"]
    ja: str
    en: str
    consent_topics: tuple[str, ...] = ()
    double_opt_in: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rules: tuple[CountryRule, ...]


@cache
def all_rules() -> tuple[CountryRule, ...]:
    """Every row of the table, in the order in which pages show it."""
    return msgspec.convert(tomllib.loads(TABLE.read_text("utf-8")), _File).rules


def rule_of(country: str | None) -> CountryRule | None:
    """The rule of a country (ISO 3166 alpha-2); None where none is written: ask for consent."""
    return _by_country().get((country or "").upper())


@cache
def _by_country() -> dict[str, CountryRule]:
    return {country: rule for rule in all_rules() for country in rule.countries}
