"""What a checkout costs: discounts, shipping, tax. Pure; amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Reduction:
    """A valid discount code: a share (0–1) or an amount off the entitled lines."""

    code: str
    share: Fraction | None
    amount: int
    variants: frozenset[int]  # none named: everything is entitled
    products: frozenset[int] = frozenset()
    shipping: bool = False  # takes the shipping fee off, and nothing from the lines

    def entitles(self, line: Document) -> bool:
        """Whether the line gets cheaper."""
        if not self.variants and not self.products:
            return True
        return line["variant_id"] in self.variants or line["product_id"] in self.products


def half_up(value: Fraction) -> int:
    """Rounded to a minor unit, halves away from zero, as shops round."""
    return int(value + Fraction(1, 2))


def reduce_lines(lines: Sequence[Document], reduction: Reduction) -> int:
    """Take the reduction off the lines, in place; returns how much that was."""
    entitled = [line for line in lines if reduction.entitles(line)]
    before = sum(line["total"] for line in entitled)
    wanted = (
        sum(half_up(line["total"] * reduction.share) for line in entitled)
        if reduction.share is not None
        else min(reduction.amount, before)
    )
    left = wanted
    for number, line in enumerate(entitled):
        last = number == len(entitled) - 1
        part = left if last else half_up(Fraction(wanted * line["total"], before or 1))
        line["discount"] += part
        line["total"] -= part
        line["allocations"].append({"code": reduction.code, "amount": part})
        left -= part
    return wanted


def shipping_price(lines: Sequence[Document], rule: Document, *, wanted: bool = True) -> int:
    """The shipping fee: nothing for what is not shipped, and above the shop's threshold."""
    if not wanted or not any(line["requires_shipping"] for line in lines):
        return 0
    goods: int = sum(line["total"] for line in lines)
    return 0 if goods >= int(rule["free_from"]) else int(rule["price"])


def taxes(
    lines: Sequence[Document], shipping: int, *, included: bool, shipping_rate: str, title: str
) -> list[Document]:
    """Tax per rate: within the prices, or on top of them."""
    bases: dict[str, int] = {}
    for line in lines:
        bases[line["tax_rate"]] = bases.get(line["tax_rate"], 0) + line["total"]
    bases[shipping_rate] = bases.get(shipping_rate, 0) + shipping
    found = []
    for rate, base in sorted(bases.items()):
        share = Fraction(rate)
        amount = half_up(base * share / (1 + share) if included else base * share)
        if share and base:
            found.append({"title": title, "rate": float(share), "amount": amount, "base": base})
    return found


def total_up(
    lines: list[Document],
    reductions: Sequence[Reduction],
    shop: Document,
    *,
    shipped: bool = True,
    taxed: bool = True,
) -> Document:
    """All sums of a checkout; the lines are changed in place."""
    for line in lines:
        line.update(discount=0, total=line["price"] * line["quantity"], allocations=[])
        if not taxed:
            line["tax_rate"] = "0"
    full = sum(line["total"] for line in lines)
    cuts = {one.code: reduce_lines(lines, one) for one in reductions if not one.shipping}
    shipping = shipping_price(lines, shop["shipping"], wanted=shipped)
    for one in reductions:
        if one.shipping:
            cuts[one.code], shipping = shipping, 0
    included = bool(shop["tax_included"])
    tax_lines = taxes(
        lines, shipping, included=included, title=shop["tax_title"],
        shipping_rate=shop["shipping"]["tax_rate"] if taxed else "0",
    )  # fmt: skip
    tax = sum(one["amount"] for one in tax_lines)
    goods = sum(line["total"] for line in lines)
    return {
        "full": full, "subtotal": goods, "discount": full - goods, "cuts": cuts,
        "shipping": shipping, "tax": tax, "tax_lines": tax_lines,
        "total": goods + shipping + (0 if included else tax),
    }  # fmt: skip
