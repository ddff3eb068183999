"""Pure decisions of the confirmation screen: what can be bought again, how many, for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.money import Money

QUANTITY_MAX = 99


@dataclass(frozen=True)
class Offered:
    """One line of the earlier order as it can be bought today. `price` is today's, `before` what
    was paid then per unit; `available` is false when it is sold out or gone."""

    line_id: int
    variant_shopify_id: int
    title: str
    variant: str
    image_url: str | None
    price: Money
    before: Money
    available: bool
    quantity: int

    @property
    def total(self) -> Money:
        """Price times quantity."""
        return self.price * self.quantity

    @property
    def price_changed(self) -> bool:
        """Whether today's price is another than then."""
        return self.price != self.before


def quantity(wish: str | None, before: int) -> int:
    """The quantity a person typed, 0–99; what is not a number means "as before"."""
    if wish is None or not wish.strip().isdecimal():
        return min(before, QUANTITY_MAX)
    return min(int(wish), QUANTITY_MAX)


def chosen(lines: list[Offered]) -> list[Offered]:
    """The lines that go into the checkout."""
    return [line for line in lines if line.available and line.quantity > 0]


def total(lines: list[Offered], currency: str) -> Money:
    """What the goods cost together."""
    return sum((line.total for line in chosen(lines)), Money(0, currency))


def wishes(form: Mapping[str, str]) -> dict[int, str]:
    """The quantities in a form or a query, by line id: fields are named `quantity-<line id>`."""
    found = {}
    for name, value in form.items():
        kind, _, number = name.partition("-")
        if kind == "quantity" and number.isdecimal():
            found[int(number)] = value
    return found
