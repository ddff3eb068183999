"""Every operation is valid at Shopify, in both versions, and within what the merchant grants."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLNamedType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)
from graphql.validation import NoDeprecatedCustomRule, specified_rules

from app.sandbox.schema_build import VERSIONS, access_path, load_schema
from app.shopify.client import QUERIES
from app.shopify.scopes import asked_scopes, optional_scopes
from app.shopify.verify import covers

FILES = sorted(QUERIES.glob("*.graphql"))


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_operation_is_valid_and_uses_nothing_deprecated(path: Path, version: str) -> None:
    document = parse(path.read_text(encoding="utf-8"))
    rules = [*specified_rules, NoDeprecatedCustomRule]
    assert validate(load_schema(version), document, rules) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_scopes_we_ask_for_cover_every_operation(path: Path, version: str) -> None:
    text = path.read_text(encoding="utf-8")
    granted = asked_scopes()
    for extra in optional_scopes().split(","):
        # What not every shop granted is said in the file, for whoever wants to ask it.
        granted += f",{extra}" if f"Needs {extra}." in text else ""
    missing = {
        where: needs
        for where, needs in rights(parse(text), version)
        if not any(covers(granted, scope) for scope in needs)
    }
    assert missing == {}


def test_no_scope_is_asked_for_that_nothing_needs(version: str) -> None:
    """Operations, and webhooks with the proxy, which the schema does not speak of."""
    needed = {"read_fulfillments", "write_app_proxy", "read_orders"}
    for path in FILES:
        for _, alternatives in rights(parse(path.read_text(encoding="utf-8")), version):
            needed.update(scope for scope in alternatives if covers(asked_scopes(), scope))
    assert {s for s in asked_scopes().split(",") if not covers(",".join(needed), s)} == set()


def test_every_operation_is_asked_by_the_gateway() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in QUERIES.parent.glob("*.py"))
    assert [path.stem for path in FILES if f'"{path.stem}"' not in source] == []


def rights(document: DocumentNode, version: str) -> Iterator[tuple[str, list[str]]]:
    """What every field and type of an operation demands: scopes of which one is enough."""
    schema, access = load_schema(version), _access(version)
    asked: dict[str, list[str]] = {}

    class Walk(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            parent, kind = info.get_parent_type(), info.get_type()
            if parent is None or kind is None:
                return
            name = f"{parent.name}.{node.name.value}"
            found: GraphQLNamedType = get_named_type(kind)
            for where, prose in (
                (name, access["fields"].get(name)),
                (found.name, access["types"].get(found.name)),
            ):
                scopes = re.findall(r"`((?:read|write|unauthenticated)_\w+)`", prose or "")
                if scopes:
                    asked[where] = scopes

    info = TypeInfo(schema)
    visit(document, TypeInfoVisitor(info, Walk()))
    yield from asked.items()


@cache
def _access(version: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(access_path(version).read_text(encoding="utf-8"))
    return found
