"""Handing parcels over."""

from __future__ import annotations

from app.sandbox import agenda, carriers, parcels, payloads
from app.sandbox.placing import save, tell
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce


def open_lines(sandbox: Sandbox, domain: str, number: int) -> list[Document]:
    """The lines of an order that are not sent yet."""
    with sandbox.work() as work:
        placed = work.need("order", domain, number)
        return [line for line in placed["lines"] if line["fulfillable_quantity"] > 0]


def fulfill(
    sandbox: Sandbox,
    domain: str,
    order_id: int,
    lines: list[tuple[int, int]] | None = None,
    *,
    company: str = "Yamato (JA)",
    number: str | None = None,
    scenario: str = "smooth",
) -> Document:
    """Hand (line, quantity) over to a carrier; everything that is open when none are named."""
    with sandbox.work(domain) as work:
        shop, placed = work.need("shop", domain, domain), work.need("order", domain, order_id)
        if placed["cancelled_at"]:
            raise Refused("This order is cancelled.")
        taken = _take(placed, lines)
        tracked = _shipped(placed, taken)
        told = (number or carriers.make_number(company)) if tracked else None
        sent = _fulfillment(work, placed, taken, company if tracked else None, told)
        placed["fulfillments"].append(sent)
        done = not any(line["fulfillable_quantity"] for line in placed["lines"])
        placed["fulfillment_status"] = "fulfilled" if done else "partial"
        if tracked:
            parcels.set_out(work, shop, sent, scenario)
        save(work, placed)
        body = payloads.fulfillment(shop, placed, sent)
        announce(sandbox, work, domain, "fulfillments/create", body)
        topic = "orders/fulfilled" if done else "orders/partially_fulfilled"
        tell(sandbox, work, placed, topic, "orders/updated")
        return {**sent, "planned": agenda.planned(work, domain, "parcel", sent["id"])}


def _shipped(placed: Document, taken: list[Document]) -> bool:
    """Whether anything in it travels; a downloaded book does not."""
    wanted = {one["line_id"] for one in taken}
    return any(line["requires_shipping"] for line in placed["lines"] if line["id"] in wanted)


def _take(placed: Document, lines: list[tuple[int, int]] | None) -> list[Document]:
    by_id = {line["id"]: line for line in placed["lines"]}
    wanted = lines or [
        (line["id"], line["fulfillable_quantity"])
        for line in placed["lines"]
        if line["fulfillable_quantity"]
    ]
    if not wanted:
        raise Refused("Everything in this order has been sent.")
    for one, quantity in wanted:
        line = by_id.get(one)
        if line is None or not 0 < quantity <= line["fulfillable_quantity"]:
            raise Refused("That many of this line are not open.")
        line["fulfillable_quantity"] -= quantity
        line["fulfilled_quantity"] += quantity
    return [{"line_id": one, "quantity": quantity} for one, quantity in wanted]


def _fulfillment(
    work: Work, placed: Document, taken: list[Document], company: str | None, number: str | None
) -> Document:
    return {
        "id": work.new_id(), "order_id": placed["id"],
        "name": f"{placed['name']}-F{len(placed['fulfillments']) + 1}", "status": "success",
        "shipment_status": None, "company": company, "number": number,
        "url": carriers.track_url(company, number) if company and number else None,
        "created_at": work.stamp, "updated_at": work.stamp, "lines": taken,
        "scenario": "manual", "events": [], "planned": [],
    }  # fmt: skip
