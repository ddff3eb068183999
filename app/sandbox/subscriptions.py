"""What comes by itself: orders that a subscription places when its time has come."""

from __future__ import annotations

import secrets
from datetime import timedelta

from app.sandbox import agenda
from app.sandbox.placing import place
from app.sandbox.pricing import total_up
from app.sandbox.running import Sandbox
from app.sandbox.selling import make_lines
from app.sandbox.store import Document, Refused, Work

SOURCE = "subscription_contract_checkout_one"


def renew(sandbox: Sandbox, work: Work, domain: str, subject: str, _body: Document) -> str:
    """Place the next order of the subscription that an order began or went on with. What is sold
    out is tried again after another interval, and what was given back ends it."""
    before = work.need("order", domain, int(subject))
    lines = [line for line in before["lines"] if line.get("plan") and line["current_quantity"]]
    if before["cancelled_at"] or not lines:
        return ""
    try:
        made = _place(sandbox, work, domain, before, lines)
    except Refused:
        later = work.now + timedelta(days=lines[0]["plan"]["days"])
        agenda.plan(work, domain, "renewal", subject, later, {})
        return f"{before['name']}: sold out"
    return f"{made['name']}: subscription"


def _place(
    sandbox: Sandbox, work: Work, domain: str, before: Document, lines: list[Document]
) -> Document:
    shop = work.need("shop", domain, domain)
    wanted = [
        (line["variant_id"], line["quantity"], line["properties"], line["plan"]["id"])
        for line in lines
    ]
    sold: Document = {
        "token": secrets.token_hex(16), "shop": domain, "lines": make_lines(work, domain, wanted),
        "attributes": {}, "note": None, "email": before["email"],
        "address": before["shipping_address"] or before["billing_address"], "discounts": [],
        "currency": before["currency"], "locale": before["locale"], "ref": None,
    }  # fmt: skip
    sold.update(total_up(sold["lines"], [], shop, shipped=before["shipping_address"] is not None))
    known = before["customer_id"] and work.get("customer", domain, before["customer_id"])
    return place(
        sandbox, work, shop, sold, known or None, phone=before["phone"],
        marketing=before["marketing"], payment="card", source=SOURCE,
    )  # fmt: skip


def stop_subscription(sandbox: Sandbox, domain: str, number: int) -> Document:
    """No further orders come of this one."""
    with sandbox.work(domain) as work:
        agenda.strike(work, domain, "renewal", number)
        return work.need("order", domain, number)
