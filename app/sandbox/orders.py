"""Orders after they were placed: paid, cancelled, refunded; and those made at the till."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from app.sandbox import agenda, payloads
from app.sandbox.customers import meet
from app.sandbox.places import JAPANESE_ZIP, full_address, province_of
from app.sandbox.placing import place, save, tell
from app.sandbox.pricing import total_up
from app.sandbox.running import Sandbox
from app.sandbox.selling import Wanted, make_lines
from app.sandbox.shops import stock
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce


def orders(sandbox: Sandbox, domain: str, limit: int = 50) -> list[Document]:
    """The newest orders."""
    with sandbox.work() as work:
        return [complete(work, one) for one in work.find("order", domain, newest=True, limit=limit)]


def order(sandbox: Sandbox, domain: str, number: int) -> Document | None:
    """One order, with what is planned for its parcels."""
    with sandbox.work() as work:
        found = work.get("order", domain, number)
        return found and complete(work, found)


def find_order(
    sandbox: Sandbox,
    domain: str,
    *,
    name: str | None = None,
    checkout_token: str | None = None,
    token: str | None = None,
) -> Document | None:
    """An order by its name, its checkout, or the secret of its status page."""
    where = {"name": name, "checkout_token": checkout_token, "token": token}
    with sandbox.work() as work:
        found = work.one("order", domain, **{key: given for key, given in where.items() if given})
        return found and complete(work, found)


def complete(work: Work, placed: Document) -> Document:
    """The order with what its carriers are going to do."""
    for sent in placed["fulfillments"]:
        sent["planned"] = agenda.planned(work, placed["shop"], "parcel", sent["id"])
    placed["renews"] = agenda.planned(work, placed["shop"], "renewal", placed["id"])
    return placed


def create_pos_order(
    sandbox: Sandbox, domain: str, lines: Iterable[Wanted], *, email: str | None = None
) -> Document:
    """Sell over the counter: paid in cash, handed over, no checkout page."""
    with sandbox.work(domain) as work:
        shop = work.need("shop", domain, domain)
        sold: Document = {
            "token": secrets.token_hex(16), "shop": domain,
            "lines": make_lines(work, domain, lines), "attributes": {}, "note": None,
            "email": email, "address": None, "discounts": [],
            "currency": shop["currency"], "locale": shop["locale"], "ref": None,
        }  # fmt: skip
        sold.update(total_up(sold["lines"], [], shop, shipped=False))
        known = email and meet(
            sandbox, work, shop, email=email, phone=None, address=None, locale=shop["locale"],
            marketing=False,
        )  # fmt: skip
        return place(
            sandbox, work, shop, sold, known or None, phone=None, marketing=False, payment="cash",
            source="pos",
        )  # fmt: skip


def mark_paid(sandbox: Sandbox, domain: str, number: int) -> Document:
    """The money arrived: convenience store or bank."""
    with sandbox.work(domain) as work:
        placed = work.need("order", domain, number)
        if placed["paid"] or placed["cancelled_at"]:
            raise Refused("This order is not waiting for a payment.")
        placed.update(paid=True, financial_status="paid")
        save(work, placed)
        tell(sandbox, work, placed, "orders/paid", "orders/updated")
        return placed


def cancel_order(sandbox: Sandbox, domain: str, number: int, reason: str = "customer") -> Document:
    """Cancel: what was paid goes back, what was not sent goes back into stock."""
    with sandbox.work(domain) as work:
        placed = work.need("order", domain, number)
        if placed["cancelled_at"]:
            raise Refused("This order is cancelled already.")
        placed.update(cancelled_at=work.stamp, cancel_reason=reason)
        if placed["paid"]:
            give_back(sandbox, work, placed, None)
        else:
            _put_back(work, placed, [(line["id"], line["quantity"]) for line in placed["lines"]])
            placed["financial_status"] = "voided"
        save(work, placed)
        tell(sandbox, work, placed, "orders/cancelled", "orders/updated")
        return placed


def refund_order(
    sandbox: Sandbox,
    domain: str,
    number: int,
    lines: list[tuple[int, int]] | None = None,
    note: str | None = None,
) -> Document:
    """Give the money of these (line, quantity) back; of everything when none are named."""
    with sandbox.work(domain) as work:
        placed = work.need("order", domain, number)
        if not placed["paid"]:
            raise Refused("Nothing has been paid for this order.")
        give_back(sandbox, work, placed, lines, note)
        save(work, placed)
        tell(sandbox, work, placed, "orders/updated")
        return placed


#: Shopify's input → an order's address.
MOVED = {
    "firstName": "first_name", "lastName": "last_name", "company": "company", "phone": "phone",
    "address1": "address1", "address2": "address2", "city": "city", "zip": "zip",
    "countryCode": "country_code",
}  # fmt: skip


def move_order(sandbox: Sandbox, work: Work, placed: Document, given: Document | None) -> Document:
    """Send the order somewhere else, as the app asks; Refused for what is no address."""
    if not given:
        raise Refused("Shipping address can't be blank")
    told = {ours: given[theirs] for theirs, ours in MOVED.items() if theirs in given}
    before = placed["shipping_address"] or {}
    province = province_of(given.get("provinceCode")) or before.get("province")
    address = full_address({**before, **told, "province": province})
    if address is None:
        raise Refused("Shipping address can't be blank")
    if address["country_code"] == "JP" and not JAPANESE_ZIP.fullmatch(address["zip"] or ""):
        raise Refused("Shipping address zip is not valid for Japan")
    placed["shipping_address"] = address
    save(work, placed)
    tell(sandbox, work, placed, "orders/updated")
    return placed


def give_back(
    sandbox: Sandbox,
    work: Work,
    placed: Document,
    lines: list[tuple[int, int]] | None,
    note: str | None = None,
) -> Document:
    """Refund inside a transaction; announces `refunds/create`."""
    wanted = lines or [
        (line["id"], line["current_quantity"])
        for line in placed["lines"]
        if line["current_quantity"]
    ]
    by_id = {line["id"]: line for line in placed["lines"]}
    if any(by_id.get(one, {"current_quantity": 0})["current_quantity"] < n for one, n in wanted):
        raise Refused("More than what is left of a line cannot be refunded.")
    items = [
        {"line_id": one, "quantity": n,
         "amount": by_id[one]["total"] * n // by_id[one]["quantity"]}
        for one, n in wanted
    ]  # fmt: skip
    _put_back(work, placed, wanted)
    left = placed["total"] - placed["refunded"]
    whole = not any(line["current_quantity"] for line in placed["lines"])
    amount = left if whole else min(left, sum(item["amount"] for item in items))
    given = {
        "id": work.new_id(), "created_at": work.stamp, "lines": items, "amount": amount,
        "note": note,
    }  # fmt: skip
    placed["refunds"].append(given)
    placed["refunded"] += amount
    full = placed["refunded"] >= placed["total"]
    placed["financial_status"] = "refunded" if full else "partially_refunded"
    save(work, placed)
    shop = work.need("shop", placed["shop"], placed["shop"])
    announce(sandbox, work, placed["shop"], "refunds/create", payloads.refund(shop, placed, given))
    return given


def _put_back(work: Work, placed: Document, lines: list[tuple[int, int]]) -> None:
    by_id = {line["id"]: line for line in placed["lines"]}
    for one, quantity in lines:
        line = by_id[one]
        line["current_quantity"] -= quantity
        line["fulfillable_quantity"] = min(line["fulfillable_quantity"], line["current_quantity"])
        stock(work, placed["shop"], line["variant_id"], quantity)
