"""Small shapes every node is made of: money, ids, connections, search."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

from app.core.money import Money, parse_money
from app.sandbox.graphql.context import Context, Node
from app.sandbox.payloads import gid
from app.sandbox.store import Document

MOST = 250
TERM = re.compile(r"""\s*(?:AND\s+)?(\w+):(<=|>=|<|>)?(?:'([^']*)'|"([^"]*)"|(\S+))\s*""")


def number(global_id: str, *kinds: str) -> int:
    """The number in a global id of one of these kinds."""
    found = re.fullmatch(r"gid://shopify/(\w+)/(\d+)", global_id)
    if not found or found[1] not in kinds:
        raise GraphQLError(
            f"Invalid global id '{global_id}'", extensions={"code": "argumentLiteralsIncompatible"}
        )
    return int(found[2])


def amount(minor: int, currency: str) -> str:
    """A decimal as GraphQL writes it: "1980.0", "19.8"."""
    text = f"{Money(minor, currency).decimal:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def money(minor: int, currency: str) -> Node:
    """MoneyV2."""
    return {"amount": amount(minor, currency), "currencyCode": currency}


def bag(minor: int, currency: str) -> Node:
    """MoneyBag."""
    return {"shopMoney": money(minor, currency), "presentmentMoney": money(minor, currency)}


def minor_units(text: Any, currency: str) -> int:
    """A decimal from the app."""
    return parse_money(str(text), currency).minor


def user_error(message: str, *path: str, code: str | None = None) -> Node:
    """A userError."""
    return {
        "message": message, "field": list(path) or None, "code": code, "extraInfo": None,
        "__typename": "UserError",
    }  # fmt: skip


def connection(nodes: Sequence[Node], cursors: Sequence[str] | None = None) -> Callable[..., Node]:
    """A connection over nodes; takes `first`/`after` or `last`/`before`."""
    marks = list(cursors) if cursors is not None else [_mark(str(at)) for at in range(len(nodes))]

    def page(_context: Context, **args: Any) -> Node:
        low, high = _window(marks, args)
        edges = [{"node": nodes[at], "cursor": marks[at]} for at in range(low, high)]
        return {
            "edges": edges,
            "nodes": [edge["node"] for edge in edges],
            "pageInfo": {
                "hasNextPage": high < len(nodes), "hasPreviousPage": low > 0,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
            "totalCount": str(len(nodes)),
        }  # fmt: skip

    return page


def _mark(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _window(marks: list[str], args: dict[str, Any]) -> tuple[int, int]:
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise GraphQLError(
            "you must provide one of first or last", extensions={"code": "BAD_REQUEST"}
        )
    if not 0 <= (first if first is not None else last or 0) <= MOST:
        raise GraphQLError(
            f"first and last cannot exceed {MOST}", extensions={"code": "BAD_REQUEST"}
        )
    low = _place(marks, args.get("after"), -1) + 1
    high = _place(marks, args.get("before"), len(marks))
    if first is not None:
        return low, min(high, low + first)
    return max(low, high - (last or 0)), high


def _place(marks: list[str], cursor: str | None, absent: int) -> int:
    if cursor is None:
        return absent
    if cursor not in marks:
        raise GraphQLError("Invalid cursor for current pagination sort.")
    return marks.index(cursor)


def listed(
    documents: Sequence[Document],
    make: Callable[[Document], Node],
    args: dict[str, Any],
    fields: dict[str, str],
    sorts: dict[str, str],
) -> Callable[..., Node]:
    """A searched and sorted connection. `fields`: search term → key; `sorts`: sort key → key."""
    found = [one for one in documents if matches(one, args.get("query") or "", fields)]
    key = args.get("sortKey") or "ID"
    if key not in sorts:
        raise GraphQLError(f"not simulated: sort key {key}")
    found.sort(
        key=lambda one: (one[sorts[key]] or "", one["id"]), reverse=bool(args.get("reverse"))
    )
    cursors = [_mark(f"{key}:{one['id']}") for one in found]
    return connection([make(one) for one in found], cursors)


def matches(document: Document, query: str, fields: dict[str, str]) -> bool:
    """Shopify's search syntax, as far as joined terms go."""
    at = 0
    while at < len(query.rstrip()):
        term = TERM.match(query, at)
        if term is None or term[1] not in fields:
            raise GraphQLError(f"not simulated: search {query[at:]!r}")
        at = term.end()
        wanted = term[3] or term[4] or term[5] or ""
        value = document[fields[term[1]]]
        if not _compare(value, term[2], wanted):
            return False
    return True


def _compare(value: Any, sign: str | None, wanted: str) -> bool:
    if isinstance(value, list):
        return wanted in value
    if sign is None and isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if sign is None:
        return wanted == "any" or str(value).lower() == wanted.rpartition("/")[2].lower()
    left, right = _ordered(value), _ordered(wanted)
    return {
        "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
    }[sign]  # fmt: skip


def _ordered(value: Any) -> str:
    """Times in one form; `2026-06-01T00:00:00+00:00` and `2026-06-01` are times too."""
    text = str(value or "")
    return text.replace("+00:00", "Z").replace(" ", "T")


__all__ = [
    "amount", "bag", "connection", "gid", "listed", "matches", "minor_units", "money", "number",
    "user_error",
]  # fmt: skip
