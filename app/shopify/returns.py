"""A return as Shopify tells it: by its webhooks, which say less every time, and by its API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.core.errors import GiveUp
from app.shopify.payloads import Body, Payload, decode, gid_number

Node = dict[str, Any]


@dataclass(frozen=True)
class ReturnedLine:
    """A part of a return: `line` is the order's line, `reason` Shopify's handle for it. What the
    buyer wrote about it is personal and stays at Shopify."""

    number: int
    line: int
    quantity: int
    reason: str


@dataclass(frozen=True)
class FoundReturn:
    """A return. `status` is Shopify's ReturnStatus in lower case; `lines` is None where the source
    did not say them."""

    number: int
    order: int | None
    status: str
    name: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    lines: tuple[ReturnedLine, ...] | None = None


class Reference(Payload, frozen=True, kw_only=True):
    """Something named by its number."""

    id: int


class FulfilledPart(Payload, frozen=True, kw_only=True):
    """What of a parcel is sent back."""

    line_item: Reference


class ReturnLinePayload(Payload, frozen=True, kw_only=True):
    """A line of a return; one whose parcel nobody can name has none."""

    id: int
    quantity: int = 0
    return_reason: str | None = None
    fulfillment_line_item: FulfilledPart | None = None


class ReturnPayload(Payload, frozen=True, kw_only=True):
    """Any topic of returns. Requests and approvals say the lines, endings the order's number alone,
    an update or a processing perhaps the return's id alone: its `return_line_items` need be no list
    of lines."""

    admin_graphql_api_id: str
    order: Reference | None = None
    order_id: int | None = None
    name: str | None = None
    return_line_items: Any = None


def read(body: Body, status: str) -> FoundReturn:
    """What a webhook says of a return; `status` is what its topic means."""
    said = decode(body, ReturnPayload)
    lines = said.return_line_items
    return FoundReturn(
        number=gid_number(said.admin_graphql_api_id),
        order=said.order.id if said.order else said.order_id,
        status=status,
        name=said.name or "",
        lines=_told(lines) if isinstance(lines, list) and lines else None,
    )


def _told(lines: list[Any]) -> tuple[ReturnedLine, ...]:
    try:
        parts = msgspec.convert(lines, list[ReturnLinePayload], strict=False)
    except msgspec.ValidationError as error:
        raise GiveUp(f"payload: {error}") from error
    return tuple(
        ReturnedLine(
            one.id, one.fulfillment_line_item.line_item.id, one.quantity, one.return_reason or ""
        )
        for one in parts
        if one.fulfillment_line_item is not None
    )


def of_node(node: Node, order: str) -> FoundReturn:
    """What the API says of a return of the order with this GID."""
    return FoundReturn(
        number=gid_number(node["id"]),
        order=gid_number(order),
        status=str(node["status"]).lower(),
        name=node["name"],
        opened_at=_moment(node["createdAt"]),
        closed_at=_moment(node.get("closedAt")),
        lines=tuple(
            ReturnedLine(
                gid_number(one["id"]),
                gid_number(one["fulfillmentLineItem"]["lineItem"]["id"]),
                one["quantity"],
                (one.get("returnReasonDefinition") or {}).get("handle") or "",
            )
            for one in node["returnLineItems"]["nodes"]
            if one.get("fulfillmentLineItem")
        ),
    )


def _moment(text: str | None) -> datetime | None:
    return msgspec.convert(text, datetime) if text else None
