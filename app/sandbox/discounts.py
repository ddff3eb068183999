"""Discounts and their redeem codes, as Shopify keeps them.

Adding and deleting codes in bulk is asynchronous at Shopify. Here each code carries the machine
times from which on it is there and is gone again, so nothing has to run for it.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from app.core.clock import machine_now
from app.sandbox.pricing import Reduction
from app.sandbox.store import Document, Work, moment

#: How long a bulk job takes.
BULK_S = 0.4


def ready_time() -> str:
    """When a bulk job that starts now will be done; machine time."""
    return (machine_now() + timedelta(seconds=BULK_S)).isoformat()


def passed(stamp: str | None) -> bool:
    """Whether a machine time has come."""
    return stamp is not None and moment(stamp) <= machine_now()


def there(code: Document) -> bool:
    """Whether a redeem code has been added and not deleted."""
    return passed(code["ready_at"]) and not passed(code["gone_at"])


def add_code(
    work: Work, domain: str, discount_id: int, code: str, ready_at: str
) -> Document | None:
    """Add a redeem code; None when the shop has it already."""
    if any(not passed(one["gone_at"]) for one in work.find("code", domain, key=code.upper())):
        return None
    number = work.new_id()
    return work.put(
        "code", domain, number,
        {"id": number, "code": code, "key": code.upper(), "discount_id": discount_id,
         "usage": 0, "ready_at": ready_at, "gone_at": None, "created_at": work.stamp},
    )  # fmt: skip


def codes_of(work: Work, domain: str, discount_id: int) -> list[Document]:
    """A discount's codes that are there now."""
    return [one for one in work.find("code", domain, discount_id=discount_id) if there(one)]


def find_code(work: Work, domain: str, text: str) -> Document | None:
    """The code a shopper typed, in whatever case."""
    found = work.find("code", domain, key=text.strip().upper())
    return next((one for one in found if there(one)), None)


def status(work: Work, discount: Document) -> str:
    """ACTIVE, EXPIRED or SCHEDULED."""
    ends = discount["ends_at"]
    if discount["starts_at"] > work.stamp:
        return "SCHEDULED"
    return "EXPIRED" if ends is not None and ends <= work.stamp else "ACTIVE"


def _problem(
    work: Work, domain: str, discount: Document, code: Document, customer_id: int | None
) -> str | None:
    if status(work, discount) != "ACTIVE":
        return "expired"
    if discount["usage_limit"] is not None and code["usage"] >= discount["usage_limit"]:
        return "used_up"
    if discount["customers"] and customer_id not in discount["customers"]:
        return "not_for_this_customer"
    used = discount["once_per_customer"] and customer_id is not None
    if used and work.get("redemption", domain, f"{discount['id']}:{customer_id}"):
        return "used_by_this_customer"
    return None


def redeemable(
    work: Work, domain: str, text: str, lines: list[Document], customer_id: int | None
) -> tuple[Reduction | None, str | None]:
    """The reduction a code gives to these lines, or the reason why it gives none."""
    code = find_code(work, domain, text)
    discount = code and work.get("discount", domain, code["discount_id"])
    if not code or not discount:
        return None, "unknown"
    problem = _problem(work, domain, discount, code, customer_id)
    if problem:
        return None, problem
    reduction = Reduction(
        code=code["code"],
        share=Fraction(discount["percentage"]) if discount["percentage"] else None,
        amount=discount["amount"],
        variants=frozenset(discount["variants"]),
        products=frozenset(discount["products"]),
        shipping=discount.get("shipping", False),
    )
    entitled = [
        line["quantity"]
        for line in lines
        if reduction.entitles(line) and (line["requires_shipping"] or not reduction.shipping)
    ]
    if not entitled or sum(entitled) < discount.get("least", 0):
        return None, "not_for_these_items"
    return reduction, None


def redeem(work: Work, domain: str, text: str, customer_id: int | None) -> None:
    """Count a use of the code."""
    code = find_code(work, domain, text)
    if code is None:
        return
    code["usage"] += 1
    work.put("code", domain, code["id"], code)
    if customer_id is not None:
        key = f"{code['discount_id']}:{customer_id}"
        work.put("redemption", domain, key, {"code": code["code"], "at": work.stamp})


def new_discount(work: Work, domain: str, values: dict[str, Any]) -> Document:
    """Write a new discount."""
    number = work.new_id()
    body = {"id": number, "created_at": work.stamp, "updated_at": work.stamp, **values}
    return work.put("discount", domain, number, body)
