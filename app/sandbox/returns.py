"""Returns: asked for by the shopper; opened, approved, declined, called off, processed and closed
by staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.sandbox.payloads import gid
from app.sandbox.placing import save, tell
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce

#: What staff may do: the statuses it is done in, the one it leads to, and the topic that tells.
VERBS: dict[str, tuple[tuple[str, ...], str]] = {
    "approve": (("requested",), "open"),
    "decline": (("requested",), "declined"),
    "cancel": (("requested", "open"), "canceled"),
    "process": (("open",), "open"),
    "close": (("open",), "closed"),
    "reopen": (("closed",), "open"),
}
#: In these statuses a return has, or may get, the goods.
COUNTING = ("requested", "open", "closed")
REASONS = ("unwanted", "defective", "wrong_item", "not_as_described", "other")


def returns_of(sandbox: Sandbox, domain: str, order_id: int) -> list[Document]:
    """An order's returns, oldest first."""
    with sandbox.work() as work:
        return find(work, domain, order_id)


def returnable(sandbox: Sandbox, domain: str, order_id: int) -> list[Document]:
    """The lines of which something was sent and not asked back, with `returnable` of each."""
    with sandbox.work() as work:
        placed = work.need("order", domain, order_id)
        left = _left(work, placed)
    return [
        {**line, "returnable": left[line["id"]]} for line in placed["lines"] if left[line["id"]]
    ]


def request_return(
    sandbox: Sandbox,
    domain: str,
    order_id: int,
    lines: Iterable[tuple[int, int]] | None = None,
    *,
    reason: str = "unwanted",
    note: str = "",
) -> Document:
    """The shopper asks to return these (line, quantity); everything that was sent when none are
    named."""
    wish = {"reason": reason, "note": note}
    return _open(sandbox, domain, order_id, lines, wish, ("requested", "returns/request"))


def open_return(
    sandbox: Sandbox,
    domain: str,
    order_id: int,
    lines: Iterable[tuple[int, int]] | None = None,
    *,
    reason: str = "unwanted",
) -> Document:
    """Staff open a return themselves: it needs nobody's approval."""
    wish = {"reason": reason, "note": ""}
    return _open(sandbox, domain, order_id, lines, wish, ("open", "returns/approve"))


def act_on_return(sandbox: Sandbox, domain: str, return_id: int, verb: str) -> Document:
    """Approve, decline, cancel, process, close or reopen."""
    before, after = VERBS[verb]
    with sandbox.work(domain) as work:
        found = work.need("return", domain, return_id)
        if found["status"] not in before:
            raise Refused("This return is past that.")
        found.update(
            status=after,
            closed_at=work.stamp if verb == "close" else None,
            decline={"reason": "other", "note": None} if verb == "decline" else None,
        )
        work.put("return", domain, return_id, found)
        _tell(sandbox, work, domain, found, f"returns/{verb}")
        return found


def find(work: Work, domain: str, order_id: int) -> list[Document]:
    """An order's returns, inside a transaction."""
    return sorted(work.find("return", domain, order_id=order_id), key=lambda one: int(one["id"]))


def status_of(found: list[Document]) -> str:
    """An order's OrderReturnStatus in lower case."""
    statuses = {one["status"] for one in found}
    known = {"open": "in_progress", "requested": "return_requested", "closed": "returned"}
    return next((word for status, word in known.items() if status in statuses), "no_return")


def _open(
    sandbox: Sandbox,
    domain: str,
    order_id: int,
    lines: Iterable[tuple[int, int]] | None,
    wish: dict[str, Any],
    how: tuple[str, str],
) -> Document:
    with sandbox.work(domain) as work:
        placed = work.need("order", domain, order_id)
        left = _left(work, placed)
        wanted = list(lines or [(one, count) for one, count in left.items() if count])
        if not wanted or any(not 0 < count <= left.get(one, 0) for one, count in wanted):
            raise Refused("Only what was sent and is still with the customer can be returned.")
        number = work.new_id()
        made = {
            "id": number, "order_id": order_id, "shop": domain, "status": how[0],
            "name": f"{placed['name']}-R{len(find(work, domain, order_id)) + 1}",
            "created_at": work.stamp, "closed_at": None, "decline": None,
            "lines": [
                {"id": number + at + 1, "line_id": one, "quantity": count, **wish}
                for at, (one, count) in enumerate(wanted)
            ],
        }  # fmt: skip
        work.put("return", domain, number, made)
        _tell(sandbox, work, domain, made, how[1])
        return made


def _left(work: Work, placed: Document) -> dict[int, int]:
    """How many of each line could be returned: sent, kept, and in no return yet."""
    counts = {
        line["id"]: min(line["fulfilled_quantity"], line["current_quantity"])
        for line in placed["lines"]
    }
    for one in find(work, placed["shop"], placed["id"]):
        if one["status"] in COUNTING:
            for line in one["lines"]:
                counts[line["line_id"]] = max(0, counts[line["line_id"]] - line["quantity"])
    return counts


def _tell(sandbox: Sandbox, work: Work, domain: str, found: Document, topic: str) -> None:
    announce(sandbox, work, domain, topic, _body(found, topic))
    placed = save(work, work.need("order", domain, found["order_id"]))
    tell(sandbox, work, placed, "orders/updated")


def _body(found: Document, topic: str) -> Document:
    """What a topic of returns says. A request and an approval say the lines, a refusal its reason,
    and every other topic little more than which return and which order."""
    body = {
        "id": found["id"], "admin_graphql_api_id": gid("Return", found["id"]),
        "status": found["status"],
    }  # fmt: skip
    order = {"id": found["order_id"], "admin_graphql_api_id": gid("Order", found["order_id"])}
    if topic == "returns/decline":
        return {**body, "order": order, "decline": found["decline"]}
    if topic == "returns/process":
        return body
    if topic not in ("returns/request", "returns/approve"):
        return {**body, "order_id": found["order_id"]}
    return {
        **body, "order": order, "name": found["name"],
        "total_return_line_items": len(found["lines"]), "total_exchange_line_items": 0,
        "return_shipping_fees": [], "exchange_line_items": [],
        "return_line_items": [_return_line(one) for one in found["lines"]],
    }  # fmt: skip


def _return_line(one: Document) -> Document:
    def named(kind: str, number: int) -> Document:
        return {"id": number, "admin_graphql_api_id": gid(kind, number)}

    part = named("FulfillmentLineItem", one["line_id"])
    return {
        **named("ReturnLineItem", one["id"]), "quantity": one["quantity"],
        "return_reason": one["reason"], "return_reason_note": "",
        "customer_note": one["note"] or None,
        "fulfillment_line_item": {**part, "line_item": named("LineItem", one["line_id"])},
    }  # fmt: skip
