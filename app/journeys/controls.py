"""Spans, moments and conditions as the controls of a form, and back as definitions write them.

Pure. What was typed wrong is written back as it stands, for the definitions' own checks to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.journeys.definitions import condition
from app.journeys.definitions.vocabulary import TEXTS

Fields = dict[str, str]

UNITS = ("m", "h", "d", "mo", "y")
#: Kinds of product in the order of the form; the first one stands in for the others.
KINDS = ("standard", "fast", "complex", "long_cycle")
SAME, BY_KIND = "same", "kinds"
INTERVAL, MOMENT = "interval", "moment"
MOST_ROWS = 20

_SPAN = re.compile(r"([-+]?)(.*?)(d|h|mo|m|y)")


class Row(NamedTuple):
    """One condition of a form: a word of the vocabulary, whether it must hold or must not, and its
    value where the word asks for one that is typed."""

    name: str
    negated: bool
    value: str

    @property
    def text(self) -> str:
        """As definitions write it."""
        word = f"{self.name}:{self.value}" if self.name in TEXTS else self.name
        return f"not {word}" if self.negated else word


# --- spans ----------------------------------------------------------------------------------------


def span_fields(place: str, text: str) -> Fields:
    """`-3d` as a number, a unit and a side; an empty span as an empty number of days."""
    found = _SPAN.fullmatch(text)
    sign, count, unit = found.groups() if found else ("", text, "d")
    side = "before" if sign == "-" else ""
    return {f"{place}.count": count, f"{place}.unit": unit, f"{place}.side": side}


def span_text(typed: Mapping[str, str], place: str) -> str:
    """The span as definitions write it; empty without a number."""
    count = typed.get(f"{place}.count", "")
    before = typed.get(f"{place}.side") == "before"
    # Which side it is says the choice: "-5 hours after" is a slip, and is not taken for before.
    sign = "-" if before else "+" if count.startswith("-") else ""
    return f"{sign}{count}{typed.get(f'{place}.unit') or 'd'}" if count else ""


def offset_fields(offset: str | Mapping[str, str]) -> Fields:
    """A step's offset: one for every product, or one by how a product is used."""
    by_kind = {} if isinstance(offset, str) else offset
    one = offset if isinstance(offset, str) else by_kind.get("standard", "")
    made = {"offset.by": BY_KIND if by_kind else SAME, **span_fields("offset", one)}
    for kind in KINDS:
        made |= span_fields(f"offset.{kind}", by_kind.get(kind, ""))
    return made


def offset_value(typed: Mapping[str, str]) -> str | dict[str, str]:
    """The offset as definitions write it."""
    if typed.get("offset.by") != BY_KIND:
        return span_text(typed, "offset")
    spans = {kind: span_text(typed, f"offset.{kind}") for kind in KINDS}
    return {kind: text for kind, text in spans.items() if text}


def floor_fields(text: str) -> Fields:
    """`1.5 own_interval` or `90d last_order` as a choice with its fields."""
    span, _space, anchor = text.partition(" ")
    own = anchor == "own_interval"
    return {
        "not_before.by": INTERVAL if own else MOMENT if text else "",
        "not_before.factor": span if own else "",
        "not_before.anchor": "" if own else anchor,
        **span_fields("not_before", "" if own else span),
    }


def floor_text(typed: Mapping[str, str]) -> str:
    """The floor as definitions write it; empty for none."""
    chosen = typed.get("not_before.by")
    if chosen == INTERVAL:
        return f"{typed.get('not_before.factor', '')} own_interval"
    if chosen == MOMENT:
        return f"{span_text(typed, 'not_before')} {typed.get('not_before.anchor', '')}"
    return ""


# --- conditions -----------------------------------------------------------------------------------


def rows(typed: Mapping[str, str]) -> list[Row]:
    """The conditions of a form; what was chosen to be added comes last."""
    found: list[Row] = []
    while len(found) < MOST_ROWS and f"when.{len(found)}.name" in typed:
        place = f"when.{len(found)}."
        value = " ".join(typed.get(f"{place}value", "").split())
        found.append(Row(typed[f"{place}name"], typed.get(f"{place}not") == "not", value))
    added = typed.get("when.new", "")
    return [*found, Row(added, False, "")] if added else found


def row_fields(found: Iterable[Row]) -> Fields:
    """Conditions as the form's fields."""
    made: Fields = {}
    for number, row in enumerate(found):
        made[f"when.{number}.name"] = row.name
        made[f"when.{number}.not"] = "not" if row.negated else ""
        made[f"when.{number}.value"] = row.value
    return made


def rows_of(when: Iterable[str]) -> list[Row]:
    """Conditions as definitions write them, taken apart."""
    found = []
    for text in when:
        one = condition(text)
        typed = one.name in TEXTS
        found.append(Row(one.name if typed else one.word, one.negated, one.value if typed else ""))
    return found


def settled(typed: Mapping[str, str]) -> Fields:
    """The same fields with what was chosen to be added among the conditions."""
    kept = {name: value for name, value in typed.items() if not name.startswith("when.")}
    return kept | row_fields(rows(typed))


def without(typed: Mapping[str, str], number: int) -> Fields:
    """The same fields without one condition."""
    kept = {name: value for name, value in typed.items() if not name.startswith("when.")}
    return kept | row_fields(row for at, row in enumerate(rows(typed)) if at != number)


# --- arms -----------------------------------------------------------------------------------------


def arm_fields(arms: Mapping[str, object]) -> Fields:
    """The arms of a split, each a name and its share, and one more to be filled in."""
    made: Fields = {}
    for number, (name, share) in enumerate([*arms.items(), ("", "")]):
        made |= {f"split.{number}.name": name, f"split.{number}.share": str(share)}
    return made


def arms(typed: Mapping[str, str]) -> dict[str, int | str]:
    """The arms that have a name; a share that is no number stays as it was typed."""
    found: dict[str, int | str] = {}
    for number in range(MOST_ROWS):
        name = typed.get(f"split.{number}.name", "")
        share = typed.get(f"split.{number}.share", "")
        if name:
            found[name] = int(share) if share.isascii() and share.isdigit() else share
    return found
