"""Returns as GraphQL nodes."""

from __future__ import annotations

from app.sandbox import returns
from app.sandbox.graphql import orders
from app.sandbox.graphql.context import Context, Node
from app.sandbox.graphql.shapes import connection, gid, number
from app.sandbox.store import Document


def by_id(context: Context, id: str) -> Node | None:  # noqa: A002  # Shopify's name
    """`return`."""
    found = context.work.get("return", context.domain, number(id, "Return"))
    return found and _node(context, found)


def of_order(context: Context, order_id: int) -> list[Node]:
    """The nodes of an order's returns."""
    return [_node(context, one) for one in returns.find(context.work, context.domain, order_id)]


def _node(context: Context, found: Document) -> Node:
    placed = context.work.need("order", context.domain, found["order_id"])
    lines = {line["id"]: line for line in placed["lines"]}
    return {
        "__typename": "Return", "id": gid("Return", found["id"]), "name": found["name"],
        "status": found["status"].upper(), "createdAt": found["created_at"],
        "closedAt": found["closed_at"], "decline": found["decline"],
        "totalQuantity": sum(one["quantity"] for one in found["lines"]),
        "order": lambda _c: orders.order(placed),
        "returnLineItems": connection(
            [_line(one, lines[one["line_id"]], placed["currency"]) for one in found["lines"]]
        ),
    }  # fmt: skip


def _line(one: Document, line: Document, currency: str) -> Node:
    return {
        "__typename": "ReturnLineItem", "id": gid("ReturnLineItem", one["id"]),
        "quantity": one["quantity"], "customerNote": one["note"] or None,
        "returnReasonNote": "",
        "returnReasonDefinition": {
            "id": gid("ReturnReasonDefinition", returns.REASONS.index(one["reason"]) + 1),
            "handle": one["reason"], "name": one["reason"].replace("_", " ").capitalize(),
            "deleted": False,
        },
        "fulfillmentLineItem": {
            "id": gid("FulfillmentLineItem", line["id"]), "quantity": one["quantity"],
            "lineItem": orders.line_item(line, currency),
        },
    }  # fmt: skip
