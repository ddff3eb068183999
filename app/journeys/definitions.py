"""Journeys as data: what a definition file may say, and the presets that ship with the app.

A file that says anything else is refused with its place and the reason.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from app.core.locale import current_locale

PRESETS = Path(__file__).resolve().parent / "presets"

#: Moments a step may count from. `received` is the delivery of goods, and the order where nothing
#: is shipped.
ANCHORS = frozenset(
    {
        "ordered",
        "shipped",
        "out_for_delivery",
        "attempted",
        "delayed",
        "expected_delivery",
        "delivered",
        "received",
        "predicted_run_out",
        "last_order",
        "first_order",
    }
)
#: Conditions; each may stand with "not " before it.
FLAGS = frozenset(
    {
        "goods",
        "digital",
        "first_order",
        "gift",
        "consumable",
        "paid",
        "shipped",
        "delivered",
        "inferred",
    }
)
#: How a product is used; an offset may differ by it.
PRODUCT_KINDS = frozenset({"fast", "standard", "complex", "long_cycle"})

_OFFSET = re.compile(r"(-?)(\d{1,4})([dhm])")
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class WrongDefinition(ValueError):
    """A definition that cannot be used: where, and why."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    ja: str
    en: str

    def __str__(self) -> str:
        return self.ja if current_locale() == "ja" else self.en


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of a journey: `offset` after (or before) its anchor, a moment or an earlier step
    (`step:first`). Days are calendar dates in the recipient's zone, hours and minutes exact.
    `earlier_by = "delivery"` moves it ahead by the days a parcel of this shop needs."""

    key: str
    message: str
    anchor: str
    offset: str | dict[str, str]
    when: tuple[str, ...] = ()
    earlier_by: Literal["delivery"] | None = None

    @property
    def after(self) -> str | None:
        """The key of the earlier step it counts from, if it does."""
        return self.anchor.removeprefix("step:") if self.anchor.startswith("step:") else None

    def offset_for(self, product_kind: str) -> Offset:
        """The offset for a kind of product; `standard` where none is named for it."""
        if isinstance(self.offset, str):
            return parse_offset(self.offset)
        return parse_offset(self.offset.get(product_kind, self.offset["standard"]))


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One journey. `per` says what one run is about, `starts` which moment enters it, `about =
    "line"` that its messages need one bought line. `patience` keeps the run open after its last
    step for the answer it asked for."""

    key: str
    position: int
    per: Literal["order", "parcel", "line"]
    starts: Literal["ordered", "shipped", "received"]
    name: Words
    description: Words
    steps: tuple[Step, ...]
    about: Literal["order", "line"] = "order"
    version: int = 1
    recommended: bool = False
    patience: str | None = None
    when: tuple[str, ...] = ()

    @property
    def words(self) -> set[str]:
        """The conditions it speaks of, without their "not"."""
        said = [*self.when, *(word for step in self.steps for word in step.when)]
        return {word.removeprefix("not ") for word in said}

    def step(self, key: str) -> Step:
        """The step of that key; KeyError when the definition no longer has it."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)


class Offset(msgspec.Struct, frozen=True):
    """Calendar days, or an exact span; one of them is zero."""

    days: int = 0
    span: timedelta = timedelta(0)


def parse_offset(text: str) -> Offset:
    """`3d`, `-1d`, `72h`, `30m`; raises ValueError on anything else."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an offset such as 3d, -1d or 72h")
    count = int(match[2]) * (-1 if match[1] else 1)
    if match[3] == "d":
        return Offset(days=count)
    return Offset(span=timedelta(hours=count) if match[3] == "h" else timedelta(minutes=count))


def read(text: str, place: str) -> Definition:
    """A definition from TOML; raises `WrongDefinition` with `place` and the reason."""
    try:
        found = msgspec.convert(tomllib.loads(text), Definition)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WrongDefinition(f"{place}: {error}") from error
    for where, why in _mistakes(found):
        raise WrongDefinition(f"{place}: {where}: {why}")
    return found


@cache
def presets() -> dict[str, Definition]:
    """The journeys that ship with the app, in the order they are shown in."""
    found = [read(path.read_text("utf-8"), path.name) for path in sorted(PRESETS.glob("*.toml"))]
    return {one.key: one for one in sorted(found, key=lambda one: one.position)}


def _mistakes(found: Definition) -> list[tuple[str, str]]:
    wrong = [("key", f"{found.key!r} is not a name")] if not _KEY.fullmatch(found.key) else []
    if not found.steps:
        wrong.append(("steps", "a journey needs at least one step"))
    wrong += _wrong_conditions("when", found.when)
    if found.patience:
        wrong += _wrong_offset("patience", found.patience)
    earlier: set[str] = set()
    for number, step in enumerate(found.steps):
        wrong += [(f"steps[{number}].{where}", why) for where, why in _wrong_step(step, earlier)]
        earlier.add(step.key)
    return wrong


def _wrong_step(step: Step, earlier: set[str]) -> list[tuple[str, str]]:
    wrong = _wrong_conditions("when", step.when)
    if not _KEY.fullmatch(step.key):
        wrong.append(("key", f"{step.key!r} is not a step's name"))
    if step.key in earlier:
        wrong.append(("key", f"{step.key!r} stands here twice"))
    if step.anchor not in ANCHORS and step.after not in earlier:
        wrong.append(("anchor", f"{step.anchor!r} is neither a moment nor an earlier step"))
    return wrong + _wrong_offsets(step)


def _wrong_offsets(step: Step) -> list[tuple[str, str]]:
    if isinstance(step.offset, str):
        return _wrong_offset("offset", step.offset)
    wrong = [fault for text in step.offset.values() for fault in _wrong_offset("offset", text)]
    if unknown := set(step.offset) - PRODUCT_KINDS:
        wrong.append(("offset", f"unknown product kinds: {', '.join(sorted(unknown))}"))
    if "standard" not in step.offset:
        wrong.append(("offset", "offsets by product kind need one for 'standard'"))
    return wrong


def _wrong_offset(where: str, text: str) -> list[tuple[str, str]]:
    try:
        parse_offset(text)
    except ValueError as error:
        return [(where, str(error))]
    return []


def _wrong_conditions(where: str, conditions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (where, f"{word!r} is not a condition")
        for word in conditions
        if word.removeprefix("not ") not in FLAGS
    ]
