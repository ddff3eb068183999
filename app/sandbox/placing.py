"""How an order comes into being, and what Shopify tells the app about it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from app.sandbox import agenda, discounts, payloads
from app.sandbox.running import Sandbox
from app.sandbox.shops import stock
from app.sandbox.store import Document, Work
from app.sandbox.webhooks import announce

FIRST_NUMBER = 1001
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def save(work: Work, placed: Document) -> Document:
    """Write an order that changed; it is never as new as it was before."""
    placed["updated_at"] = work.stamp
    return work.put("order", placed["shop"], placed["id"], placed)


def tell(sandbox: Sandbox, work: Work, placed: Document, *topics: str) -> None:
    """Announce an order as it stands, once per topic."""
    shop = work.need("shop", placed["shop"], placed["shop"])
    known = placed["customer_id"] and work.get("customer", placed["shop"], placed["customer_id"])
    body = payloads.order(shop, placed, known or None)
    for topic in topics:
        announce(sandbox, work, placed["shop"], topic, body)


def place(
    sandbox: Sandbox,
    work: Work,
    shop: Document,
    bought: Document,
    known: Document | None,
    *,
    phone: str | None,
    marketing: bool,
    payment: str,
    test: bool = False,
    source: str = "web",
) -> Document:
    """Make the order of a priced checkout, take the goods from stock, and announce it."""
    placed = _order(work, shop, bought, known, phone=phone, payment=payment, source=source)
    placed.update(marketing=marketing, test=test)
    paid = payment in ("card", "cash")
    placed.update(paid=paid, financial_status="paid" if paid else "pending")
    for one in placed["discount_codes"]:
        discounts.redeem(work, shop["domain"], one["code"], known["id"] if known else None)
    save(work, placed)
    bought["completed_order_id"] = placed["id"]
    work.put("checkout", shop["domain"], bought["token"], bought)
    if known:
        _count(work, shop["domain"], known, placed["total"])
    tell(sandbox, work, placed, "orders/create", *(["orders/paid"] if paid else []))
    _take_stock(sandbox, work, shop, placed)
    tell(sandbox, work, placed, "orders/updated")
    if plans := [line["plan"] for line in placed["lines"] if line.get("plan")]:
        due = work.now + timedelta(days=plans[0]["days"])
        agenda.plan(work, shop["domain"], "renewal", placed["id"], due, {})
    return placed


def _count(work: Work, domain: str, known: Document, total: int) -> None:
    known["orders_count"] += 1
    known["total_spent"] += total
    work.put("customer", domain, known["id"], known)


def _take_stock(sandbox: Sandbox, work: Work, shop: Document, placed: Document) -> None:
    for line in placed["lines"]:
        changed = stock(work, shop["domain"], line["variant_id"], -line["quantity"])
        if changed:
            body = payloads.product(shop, changed)
            announce(sandbox, work, shop["domain"], "products/update", body)


def _number(work: Work, domain: str) -> int:
    counter = work.get("counter", domain, "order") or {"last": FIRST_NUMBER - 1}
    counter["last"] += 1
    return int(work.put("counter", domain, "order", counter)["last"])


def _order(
    work: Work,
    shop: Document,
    bought: Document,
    known: Document | None,
    *,
    phone: str | None,
    payment: str,
    source: str,
) -> Document:
    number, domain = _number(work, shop["domain"]), shop["domain"]
    token, till = secrets.token_hex(16), source == "pos"
    shipped = any(line["requires_shipping"] for line in bought["lines"]) and not till
    cuts = [one for one in bought["discounts"] if one["ok"]]
    return {
        "id": work.new_id(), "name": f"#{number}", "number": number, "shop": domain,
        "confirmation_number": "".join(secrets.choice(LETTERS) for _ in range(9)),
        "token": token, "checkout_token": bought["token"] if source == "web" else None,
        "created_at": work.stamp, "updated_at": work.stamp, "processed_at": work.stamp,
        "cancelled_at": None, "closed_at": None, "cancel_reason": None, "test": False,
        "source_name": source,
        "financial_status": "pending", "paid": False,
        "fulfillment_status": "fulfilled" if till else None,
        "currency": bought["currency"], "locale": bought["locale"], "email": bought["email"],
        "phone": phone, "customer_id": known and known["id"],
        "shipping_address": bought["address"] if shipped else None,
        "billing_address": bought["address"], "lines": _lines(work, bought, source),
        **{name: bought[name] for name in ("subtotal", "discount", "shipping", "tax", "total")},
        "tax_lines": bought["tax_lines"], "refunded": 0, "note": bought["note"],
        "discount_codes": [
            {"code": one["code"], "amount": one["amount"], "type": one["type"]} for one in cuts
        ],
        "note_attributes": bought["attributes"], "payment": payment, "fulfillments": [],
        "refunds": [], "tags": [], "marketing": False, "ref": bought["ref"],
        "first": known is None or known["orders_count"] == 0,
        "shipping_title": shop["shipping"]["title"] if shipped else None,
        "landing_site": f"/?ref={bought['ref']}" if bought["ref"] else "/",
        "location_id": shop["location_id"] if till else None,
        "status_url": f"{shop['primary_url']}/orders/{token}",
    }  # fmt: skip


def _lines(work: Work, bought: Document, source: str) -> list[Document]:
    handed_over = source == "pos"
    return [
        {
            **line, "id": work.new_id(), "current_quantity": line["quantity"],
            "fulfilled_quantity": line["quantity"] if handed_over else 0,
            "fulfillable_quantity": 0 if handed_over else line["quantity"],
        }
        for line in bought["lines"]
    ]  # fmt: skip
