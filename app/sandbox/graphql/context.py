"""What every resolver gets, and how a field is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLError, GraphQLResolveInfo, get_named_type

from app.sandbox.graphql.access import Access
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Work

#: A node: field names to values, or to functions of the context and the field's arguments.
Node = dict[str, Any]


@dataclass
class Context:
    """One request: who asks, in which shop, inside which transaction."""

    sandbox: Sandbox
    work: Work
    shop: Document
    token: Document
    access: Access
    objects: int = 0
    allowed: dict[tuple[str, str], bool] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The shop's domain."""
        return str(self.shop["domain"])

    @property
    def currency(self) -> str:
        """The shop's currency."""
        return str(self.shop["currency"])


def resolve(source: Any, info: GraphQLResolveInfo[Context], **args: Any) -> Any:
    """The one resolver: check the rights, then look into the node."""
    context = info.context
    place = (info.parent_type.name, info.field_name)
    _check(context, place, get_named_type(info.return_type).name)
    if not isinstance(source, dict) or info.field_name not in source:
        raise GraphQLError(
            f"not simulated: {'.'.join(place)}", extensions={"code": "NOT_SIMULATED"}
        )
    found = source[info.field_name]
    if callable(found):
        found = cast(Callable[..., Any], found)(context, **args)
    context.objects += isinstance(found, dict) or (len(found) if isinstance(found, list) else 0)
    return found


def _check(context: Context, place: tuple[str, str], returns: str) -> None:
    if place not in context.allowed:
        context.allowed[place] = context.access.allows(place, returns, context.token["scopes"])
    if context.allowed[place]:
        return
    wanted = context.access.wants(place, returns)
    raise GraphQLError(
        f"Access denied for {place[1]} field. Required access: {wanted}",
        extensions={
            "code": "ACCESS_DENIED", "requiredAccess": wanted,
            "documentation": "https://shopify.dev/api/usage/access-scopes",
        },
    )  # fmt: skip
