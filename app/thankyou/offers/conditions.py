"""Pure decisions about one offer: whether an order meets its conditions, and whether what it would
sell may be sold to this person at this price now. An answer is a reason and the figures that
decided it (see `thankyou.offers.reasons`), or None when nothing stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

Refusal = tuple[str, dict[str, Any]]


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an offer is for; what is empty or zero asks for nothing. Products are Shopify's ids,
    collections handles; the amounts are minor units of the shop's currency."""

    products: tuple[int, ...] = ()
    collections: tuple[str, ...] = ()
    least_minor: int = 0
    most_minor: int = 0
    buyers: Literal["all", "first", "repeat"] = "all"
    tags: tuple[str, ...] = ()
    locale: Literal["", "ja", "en"] = ""
    least_stock: int = 0

    @property
    def everyone(self) -> bool:
        """Whether nobody is left out."""
        return msgspec.structs.replace(self, least_stock=0) == Conditions()


def read(kept: Mapping[str, Any]) -> Conditions:
    """Conditions as kept on an offer's row."""
    return msgspec.convert(dict(kept), Conditions)


@dataclass(frozen=True)
class Basket:
    """What was bought, and by whom. `nth` counts the customer's orders from 1; None: unknown."""

    products: frozenset[int]
    collections: frozenset[str]
    total_minor: int
    currency: str
    nth: int | None
    tags: frozenset[str]
    locale: str


def unmet(wanted: Conditions, basket: Basket) -> Refusal | None:
    """The first condition that the order does not meet."""
    value = {"value_minor": basket.total_minor, "currency": basket.currency}
    first = basket.nth is None or basket.nth <= 1
    tags = {tag.casefold() for tag in basket.tags}
    checks: tuple[tuple[bool, Refusal], ...] = (
        (
            bool(wanted.products) and basket.products.isdisjoint(wanted.products),
            ("other_products", {}),
        ),
        (
            bool(wanted.collections) and basket.collections.isdisjoint(wanted.collections),
            ("other_collections", {"wanted": ", ".join(wanted.collections)}),
        ),
        (
            basket.total_minor < wanted.least_minor,
            ("too_small", {**value, "limit_minor": wanted.least_minor}),
        ),
        (
            bool(wanted.most_minor) and basket.total_minor > wanted.most_minor,
            ("too_large", {**value, "limit_minor": wanted.most_minor}),
        ),
        (wanted.buyers == "first" and not first, ("not_first", {})),
        (wanted.buyers == "repeat" and first, ("not_repeat", {})),
        (
            bool(wanted.tags) and tags.isdisjoint(tag.casefold() for tag in wanted.tags),
            ("other_tags", {"wanted": ", ".join(wanted.tags)}),
        ),
        (bool(wanted.locale) and wanted.locale != basket.locale, ("other_language", {})),
    )
    return next((refusal for refused, refusal in checks if refused), None)


@dataclass(frozen=True)
class Wares:
    """What one offer would sell, all of it together: `price_minor` now instead of `was_minor`.
    `stock` is None where nobody counts, `cost_minor` where nobody knows."""

    known: bool
    available: bool = False
    stock: int | None = None
    bought: bool = False
    returned: bool = False
    as_before: bool = False
    price_minor: int = 0
    was_minor: int = 0
    cost_minor: int | None = None
    cooling_until: datetime | None = None


def unfit(wares: Wares, *, least_stock: int, least_margin: int) -> Refusal | None:
    """Why this is not sold to this person now. What they just bought, gave back or were offered a
    moment ago, what is short, what would cost the shop money, what they were told had ended."""
    short = wares.stock is not None and wares.stock < least_stock
    cooling = wares.cooling_until
    checks: tuple[tuple[bool, Refusal], ...] = (
        (not wares.known, ("product_unknown", {})),
        (not wares.available, ("out_of_stock", {})),
        (short, ("low_stock", {"stock": wares.stock, "least": least_stock})),
        (wares.bought, ("already_bought", {})),
        (wares.returned, ("returned", {})),
        (wares.as_before, ("as_before", {})),
        (cooling is not None, ("cool_off", {"until": cooling.isoformat() if cooling else ""})),
    )
    found = next((refusal for refused, refusal in checks if refused), None)
    return found or below_floor(wares, least_margin)


def below_floor(wares: Wares, least_margin: int) -> Refusal | None:
    """Why the price is below what the merchant wants to earn, in percent of that price. Nothing is
    ever sold for less than it cost; where a margin is asked for, the cost has to be known."""
    if wares.cost_minor is None:
        return ("cost_unknown", {}) if least_margin else None
    earned = wares.price_minor - wares.cost_minor
    if earned < 0 or earned * 100 < least_margin * wares.price_minor:
        percent = earned * 100 // wares.price_minor if wares.price_minor else 0
        return ("below_floor", {"margin": percent, "least": least_margin})
    return None


def cost_of(costs: list[int | None], was_minor: int, assumed_percent: int) -> int | None:
    """What it costs the shop: Shopify's cost per item, else the share of the price that the
    merchant says goods cost; None when neither is known."""
    if None not in costs:
        return sum(cost for cost in costs if cost is not None)
    return was_minor * assumed_percent // 100 if assumed_percent else None
