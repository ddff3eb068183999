"""The checkout: from a cart to an order."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from app.core.locale import gettext as _
from app.sandbox import discounts
from app.sandbox.customers import meet
from app.sandbox.places import full_address
from app.sandbox.placing import place
from app.sandbox.pricing import Reduction, total_up
from app.sandbox.running import Sandbox
from app.sandbox.shops import find_variant
from app.sandbox.store import Document, Refused, Work

#: (variant, quantity, properties, selling plan), the last two as wanted
Wanted = Sequence[Any]
PAYMENTS = ("card", "konbini", "bank", "cod")


def make_lines(work: Work, domain: str, wanted: Iterable[Wanted]) -> list[Document]:
    """Cart lines; Refused for what is unknown or not in stock."""
    lines = []
    for variant_id, quantity, *more in wanted:
        found = find_variant(work, domain, int(variant_id))
        if found is None or int(quantity) < 1:
            raise Refused("This product is not available any more.")
        sold, one = found
        if one["inventory"] is not None and one["inventory"] < int(quantity):
            left = max(one["inventory"], 0)
            raise Refused(_("Only %(left)s of %(title)s left.", left=left, title=sold["title"]))
        properties, plan = (*more, None, None)[:2]
        lines.append(_line(sold, one, int(quantity), properties or {}, _plan(sold, plan)))
    if not lines:
        raise Refused("The cart is empty.")
    return lines


def _plan(sold: Document, number: int | None) -> Document | None:
    """The selling plan of that number; Refused when the product has no such plan."""
    found = next((one for one in sold.get("plans", ()) if one["id"] == number), None)
    if number and found is None:
        raise Refused("This product cannot be subscribed to in this way.")
    return found


def _line(
    sold: Document, one: Document, quantity: int, properties: Document, plan: Document | None
) -> Document:
    price = one["price"] * (100 - plan["percent"]) // 100 if plan else one["price"]
    return {
        "variant_id": one["id"], "product_id": sold["id"], "title": sold["title"],
        "variant_title": one["title"], "sku": one["sku"], "quantity": quantity,
        "price": price, "discount": 0, "total": price * quantity, "allocations": [], "plan": plan,
        "requires_shipping": one["requires_shipping"], "grams": one["grams"],
        "image": one["image"], "properties": dict(properties), "tax_rate": sold["tax_rate"],
        "vendor": sold["vendor"], "gift_card": False, "handle": sold["handle"],
    }  # fmt: skip


def create_checkout(
    sandbox: Sandbox,
    domain: str,
    lines: Iterable[Wanted],
    *,
    discount_codes: Iterable[str] = (),
    attributes: Document | None = None,
    email: str | None = None,
    address: Document | None = None,
    note: str | None = None,
    locale: str | None = None,
    ref: str | None = None,
    customer_id: int | None = None,
) -> Document:
    """Open a checkout for (variant, quantity, properties) lines; `address` and `email` prefill."""
    with sandbox.work(domain) as work:
        shop = work.need("shop", domain, domain)
        made: Document = {
            "token": secrets.token_hex(16), "shop": domain, "created_at": work.stamp,
            "lines": make_lines(work, domain, lines), "attributes": dict(attributes or {}),
            "note": note, "email": email, "address": full_address(address),
            "discount_codes": list(discount_codes), "discounts": [], "currency": shop["currency"],
            "locale": locale or shop["locale"], "ref": ref, "customer_id": customer_id,
            "completed_order_id": None, "prefill": {"email": email, "address": address or {}},
        }  # fmt: skip
        return _priced(work, shop, made)


def _priced(work: Work, shop: Document, open_one: Document) -> Document:
    """Work out what it costs now and which codes count now, and write it."""
    reductions: list[Reduction] = []
    told: list[Document] = []
    person = _customer_id(work, shop["domain"], open_one)
    for code in open_one["discount_codes"]:
        found, reason = discounts.redeemable(work, shop["domain"], code, open_one["lines"], person)
        kind = "percentage" if found is None or found.share is not None else "fixed_amount"
        if found is not None and found.shipping:
            kind = "shipping"
        told.append(
            {"code": code, "amount": 0, "ok": found is not None, "reason": reason, "type": kind}
        )
        if found is not None and found.code not in {one.code for one in reductions}:
            reductions.append(found)
            told[-1]["code"] = found.code
    sums = total_up(open_one["lines"], reductions, shop, taxed=_taxed(shop, open_one["address"]))
    cuts = sums.pop("cuts")
    for one in told:
        one["amount"] = cuts.get(one["code"], 0)
    open_one.update(sums, discounts=told)
    return work.put("checkout", shop["domain"], open_one["token"], open_one)


def _customer_id(work: Work, domain: str, open_one: Document) -> int | None:
    given: int | None = open_one["customer_id"]
    if given or not open_one["email"]:
        return given
    known = work.one("customer", domain, email=open_one["email"].lower())
    return known["id"] if known else None


def _taxed(shop: Document, address: Document | None) -> bool:
    """A shop whose prices hold no tax adds it only where it is registered."""
    if shop["tax_included"]:
        return True
    return bool(address and address["province_code"] == shop["address"]["province_code"])


def checkout(sandbox: Sandbox, domain: str, token: str) -> Document | None:
    """The checkout as it stands, priced anew while it is open."""
    with sandbox.work(domain) as work:
        found = work.get("checkout", domain, token)
        if found is None or found["completed_order_id"]:
            return found
        return _priced(work, work.need("shop", domain, domain), found)


def update_checkout(sandbox: Sandbox, domain: str, token: str, **changes: Any) -> Document:
    """Change `email`, `address`, `discount_codes`, `attributes` or `note`; None leaves as it is."""
    with sandbox.work(domain) as work:
        found = _open(work, domain, token)
        given = {name: value for name, value in changes.items() if value is not None}
        if "address" in given:
            given["address"] = full_address(given["address"])
        found.update(given)
        return _priced(work, work.need("shop", domain, domain), found)


def apply_codes(sandbox: Sandbox, domain: str, token: str, codes: Iterable[str]) -> Document:
    """Use these codes; each is answered in `discounts`."""
    return update_checkout(sandbox, domain, token, discount_codes=list(codes))


def _open(work: Work, domain: str, token: str) -> Document:
    found = work.need("checkout", domain, token)
    if found["completed_order_id"]:
        raise Refused("This checkout is complete already.")
    return found


def complete_checkout(
    sandbox: Sandbox,
    domain: str,
    token: str,
    *,
    email: str | None,
    phone: str | None = None,
    address: Document | None = None,
    marketing: bool = False,
    payment: str = "card",
    note: str | None = None,
    test: bool = False,
) -> Document:
    """Pay. The same checkout completes once; asked again it answers with the same order."""
    if payment not in PAYMENTS:
        raise Refused("Choose how to pay.")
    with sandbox.work(domain) as work:
        shop, bought = work.need("shop", domain, domain), work.need("checkout", domain, token)
        if bought["completed_order_id"]:
            return work.need("order", domain, bought["completed_order_id"])
        place_to = full_address(address) or bought["address"]
        _check(bought, email, phone, place_to)
        bought.update(email=email, address=place_to, note=note or bought["note"])
        make_lines(work, domain, [(one["variant_id"], one["quantity"]) for one in bought["lines"]])
        bought = _priced(work, shop, bought)
        known = email and meet(
            sandbox, work, shop, email=email, phone=phone, address=place_to,
            locale=bought["locale"], marketing=marketing,
        )  # fmt: skip
        return place(
            sandbox, work, shop, bought, known or None, phone=phone, marketing=marketing,
            payment=payment, test=test,
        )  # fmt: skip


def _check(bought: Document, email: str | None, phone: str | None, to: Document | None) -> None:
    if not email and not phone:
        raise Refused("Enter an email address or a phone number.")
    if any(one["requires_shipping"] for one in bought["lines"]) and to is None:
        raise Refused("Enter the address to ship to.")
