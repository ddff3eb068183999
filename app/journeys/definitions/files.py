"""Definitions as files: read, and the presets that ship with the app."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from app.core.locale import gettext as _
from app.journeys.definitions.checks import Mistake, dangling, mistakes
from app.journeys.definitions.shape import Definition
from app.journeys.definitions.unreadable import not_a_journey, not_toml

PRESETS = Path(__file__).resolve().parents[1] / "presets"


class WrongDefinition(ValueError):
    """A definition that cannot be used; `mistakes` says where and why, each of them."""

    def __init__(self, place: str, found: list[Mistake]) -> None:
        super().__init__("\n".join(f"{place}: {one.place}: {one.reason}" for one in found))
        self.mistakes = found


def read(text: str, place: str) -> Definition:
    """A definition from TOML; raises `WrongDefinition` with `place` and every mistake."""
    try:
        found = msgspec.convert(tomllib.loads(text), Definition)
    except tomllib.TOMLDecodeError as error:
        raise WrongDefinition(place, [not_toml(error)]) from error
    except msgspec.ValidationError as error:
        raise WrongDefinition(place, [not_a_journey(error)]) from error
    except (RecursionError, ValueError) as error:
        # Lists in lists in lists, or a number of thousands of digits.
        raise WrongDefinition(place, [Mistake("TOML", _("the file is no journey"))]) from error
    if wrong := mistakes(found):
        raise WrongDefinition(place, wrong)
    return found


@lru_cache(maxsize=512)
def read_own(text: str) -> Definition:
    """A shop's own definition, which was checked when it was published."""
    return read(text, "own")


@cache
def presets() -> dict[str, Definition]:
    """The journeys that ship with the app, in the order they are shown in."""
    read_from = sorted(PRESETS.glob("*.toml"))
    found = [read(path.read_text("utf-8"), path.name) for path in read_from]
    shipped = {one.key: one for one in sorted(found, key=lambda one: one.position)}
    for one in found:
        if wrong := dangling(one, shipped):
            raise WrongDefinition(one.key, wrong)
    return shipped


def preset_text(key: str) -> str:
    """A preset as its file has it; KeyError when none of that key ships."""
    for path in PRESETS.glob("*.toml"):
        text = path.read_text("utf-8")
        if tomllib.loads(text).get("key") == key:
            return text
    raise KeyError(key)
