"""Which scopes a field asks for, read from Shopify's own prose. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from app.sandbox.schema_build import access_path

#: A scope in the prose: `read_orders`, or the bare `orders` for either kind.
NAMED = re.compile(r"`([a-z_]+)`")
#: What follows is asked for as well, not instead.
AND = re.compile(r"\bAlso: |\band \(| as well as ")
#: A further scope that only one use of the field asks for, and none of ours.
FOR_ONE_USE = re.compile(r"scope to \w")
KINDS = ("read_", "write_")


def alternatives(prose: str) -> list[frozenset[str]]:
    """The scopes of a requirement: one of each set is needed."""
    first, *others = AND.split(prose)
    sets = [frozenset(NAMED.findall(first))]
    # Further parts also name people's permissions, which an app's offline token does not need.
    sets += [
        frozenset(name for name in NAMED.findall(part) if name.startswith(KINDS))
        for part in others
        if "scope" in part and not FOR_ONE_USE.search(part)
    ]
    return [one for one in sets if one]


def holds(scopes: Collection[str], wanted: str, *, writing: bool) -> bool:
    """Whether the granted scopes contain the wanted one; writing includes reading."""
    if wanted.startswith("write_"):
        return wanted in scopes
    if wanted.startswith("read_"):
        return wanted in scopes or f"write_{wanted.removeprefix('read_')}" in scopes
    return f"write_{wanted}" in scopes or (not writing and f"read_{wanted}" in scopes)


@dataclass(frozen=True)
class Access:
    """The requirements of one API version, by type and by field."""

    types: Mapping[str, str]
    fields: Mapping[str, str]

    def wants(self, place: tuple[str, str], returns: str) -> str | None:
        """The requirement of a field: its own, else that of what it returns."""
        return self.fields.get(".".join(place)) or self.types.get(returns)

    def allows(self, place: tuple[str, str], returns: str, scopes: Collection[str]) -> bool:
        """Whether these scopes open the field."""
        prose = self.wants(place, returns)
        writing = place[0] == "Mutation"
        return prose is None or all(
            any(holds(scopes, one, writing=writing) for one in names)
            for names in alternatives(prose)
        )


@cache
def load_access(version: str) -> Access:
    """The requirements Shopify publishes for an API version."""
    found = json.loads(access_path(version).read_text(encoding="utf-8"))
    return Access(types=found["types"], fields=found["fields"])
