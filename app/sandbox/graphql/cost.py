"""What an operation costs, and the leaky bucket it is taken from.

Scalars are free, an object costs 1, a mutation 10, an abstract type the dearest of what it may be,
as Shopify writes. How a connection's size enters is not published exactly; here it counts by its
square root, which keeps what is known to pass at Shopify below the limit of 1,000 a query.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

MOST = 1000
MUTATION = 10
DEFAULT_SIZE = 10
#: Plan → points a second; a bucket holds twenty seconds' worth.
RATES = {"basic": 100, "standard": 100, "advanced": 200, "plus": 1000, "enterprise": 2000}
BUCKET_S = 20


@dataclass
class Meter:
    """Adds up an operation."""

    schema: GraphQLSchema
    variables: Mapping[str, Any]
    fragments: Mapping[str, FragmentDefinitionNode]

    def selections(self, chosen: SelectionSetNode | None, parent: GraphQLNamedType) -> int:
        """Everything selected on a type."""
        total = 0
        dearest: dict[str, int] = {}
        for one in chosen.selections if chosen else ():
            if isinstance(one, FieldNode):
                total += self.field(one, parent)
                continue
            name, inner = self.fragment(one)
            kind = self.schema.type_map[name] if name else parent
            dearest[kind.name] = dearest.get(kind.name, 0) + self.selections(inner, kind)
        return total + max(dearest.values(), default=0)

    def fragment(self, one: Any) -> tuple[str | None, SelectionSetNode]:
        """A fragment's type and selections, written in place or by name."""
        if isinstance(one, FragmentSpreadNode):
            found = self.fragments[one.name.value]
            return found.type_condition.name.value, found.selection_set
        assert isinstance(one, InlineFragmentNode)  # noqa: S101  # the grammar's third and last
        condition = one.type_condition
        return condition.name.value if condition else None, one.selection_set

    def field(self, one: FieldNode, parent: GraphQLNamedType) -> int:
        """One field with what is below it."""
        definition = getattr(parent, "fields", {}).get(one.name.value)
        kind = definition and get_named_type(definition.type)
        if kind is None or not is_composite_type(kind):
            return 0
        below = self.selections(one.selection_set, kind)
        if parent.name.endswith(("Connection", "Edge")):
            return below if one.name.value in ("edges", "pageInfo") else 1 + below
        size = self.size(one)
        if kind.name.endswith("Connection"):
            return weight(size or DEFAULT_SIZE) * below
        return (weight(size) if size else 1) * (1 + below)

    def size(self, one: FieldNode) -> int | None:
        """How many are asked for at most."""
        for argument in one.arguments or ():
            if argument.name.value in ("first", "last"):
                given = argument.value
                if isinstance(given, IntValueNode):
                    return int(given.value)
                if isinstance(given, VariableNode):
                    return self.variables.get(given.name.value)
        return None


def weight(size: int) -> int:
    """How often what is inside a list counts."""
    return math.ceil(math.sqrt(size))


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int:
    """The requested cost of an operation."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    if operation.operation.value == "mutation":
        return MUTATION * len(operation.selection_set.selections)
    return Meter(schema, variables, fragments).selections(operation.selection_set, root)


@dataclass
class Buckets:
    """Every shop's bucket. They are full again within seconds, so they need not be kept."""

    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(
        self, domain: str, plan: str, points: int, *, dry: bool
    ) -> tuple[bool, dict[str, Any]]:
        """Take the points if they are there; `dry` pretends that the bucket is empty."""
        rate = RATES.get(plan, RATES["standard"])
        with self.lock:
            level = 0.0 if dry else self._level(domain, rate)
            enough = level >= points
            self.levels[domain] = (level - points if enough else level, time.monotonic())
            return enough, _status(self.levels[domain][0], rate)

    def give_back(self, domain: str, plan: str, points: int) -> dict[str, Any]:
        """What was asked for and not used returns."""
        rate = RATES.get(plan, RATES["standard"])
        with self.lock:
            level = min(self._level(domain, rate) + points, rate * BUCKET_S)
            self.levels[domain] = (level, time.monotonic())
            return _status(level, rate)

    def _level(self, domain: str, rate: int) -> float:
        level, at = self.levels.get(domain, (rate * BUCKET_S, time.monotonic()))
        return min(level + (time.monotonic() - at) * rate, rate * BUCKET_S)


def _status(level: float, rate: int) -> dict[str, Any]:
    return {
        "maximumAvailable": float(rate * BUCKET_S),
        "currentlyAvailable": int(level),
        "restoreRate": float(rate),
    }
