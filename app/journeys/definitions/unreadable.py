"""What keeps a file from being read at all, in plain words: no TOML, or not a journey's shape."""

from __future__ import annotations

import re
import tomllib

import msgspec

from app.core.locale import gettext as _
from app.journeys.definitions.checks import Mistake

#: The forms in which the two decoders speak.
_AT = re.compile(r"\(at line (\d+), column (\d+)\)$")
_WHERE = re.compile(r" - at `\$?\.?(.*)`$")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_TYPE = re.compile(r"Expected `(.*?)`, got `(.*?)`")
_VALUE = re.compile(r"Invalid enum value (.*)")


def not_toml(error: tomllib.TOMLDecodeError) -> Mistake:
    """Where a text stops being TOML."""
    said = str(error)
    at = _AT.search(said)
    if at is None:
        return Mistake("TOML", _("the file ends in the middle of a line or a list"))
    place = {"line": int(at[1]), "column": int(at[2])}
    if said.startswith("Cannot"):
        why = _("line %(line)s, column %(column)s says something for the second time", **place)
    elif said.startswith("Invalid value"):
        why = _("Invalid value at line %(line)s, column %(column)s", **place)
    else:
        why = _("what is at line %(line)s, column %(column)s cannot be read as TOML", **place)
    return Mistake("TOML", why)


def not_a_journey(error: msgspec.ValidationError) -> Mistake:
    """Which field is missing, unknown or of another type than a journey's."""
    said = str(error)
    where = _WHERE.search(said)
    place, reason = (where[1], said[: where.start()]) if where else ("", said)
    if found := _MISSING.fullmatch(reason):
        return Mistake(_inside(place, found[1]), _("the field %(name)s is missing", name=found[1]))
    if found := _UNKNOWN.fullmatch(reason):
        why = _("unknown field %(name)s", name=f"`{found[1]}`")
        return Mistake(_inside(place, found[1]), why)
    if found := _TYPE.fullmatch(reason):
        why = _("must be %(wanted)s, not %(got)s", wanted=_types(found[1]), got=_types(found[2]))
        return Mistake(place or "$", why)
    if found := _VALUE.fullmatch(reason):
        return Mistake(place or "$", _("%(value)s is not possible here", value=found[1]))
    return Mistake(place or "$", reason)


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _types(names: str) -> str:
    words = {
        "str": _("a text in quotation marks"),
        "int": _("a whole number"),
        "float": _("a decimal number"),
        "bool": _("true or false"),
        "array": _("a list in square brackets"),
        "object": _("a table of its own"),
    }
    known = [words.get(name, name) for name in names.split(" | ") if name != "null"]
    return _(" or ").join(known)
