"""Which conditions held for a past order: `conditions.holding` for rows that were read in bulk.

What changes on the way (paid, shipped, delivered, inferred) and what a run does itself (sent,
split, ordered_since) is the course's; what nobody knows of the past (clicks, answers) never holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from app.core.locale import choose_locale
from app.journeys import times
from app.journeys.definitions import condition
from app.journeys.histories import History
from app.mirror.model import OrderLine, Product


class Past:
    """An order's past, asked about one of its lines or about all of it."""

    def __init__(self, history: History, line: OrderLine | None) -> None:
        self.history, self.order, self.line = history, history.order, line

    @property
    def lines(self) -> list[OrderLine]:
        """The line it is about, or everything that was bought."""
        return [self.line] if self.line is not None else self.history.lines

    @property
    def products(self) -> list[Product]:
        """The products it is about, as far as we know them."""
        found = [self.history.shelf.product(line) for line in self.lines]
        return [product for product in found if product is not None]

    @property
    def country(self) -> str | None:
        """Where the reader lives, or the shop does when nobody says."""
        place = self.order.shipping_address or {}
        customer = self.history.customer
        own = customer.country if customer else None
        return place.get("country_code") or own or self.history.shelf.shop.country


def holding(history: History, words: Iterable[str], line: OrderLine | None) -> frozenset[str]:
    """The conditions of a definition that held from the beginning, without "not"."""
    past = Past(history, line)
    return frozenset(word for word in words if _holds(past, word))


def _holds(past: Past, word: str) -> bool:
    one = condition(word)
    if one.name in _PLAIN:
        return _PLAIN[one.name](past)
    return one.name in _VALUED and _VALUED[one.name](past, one.value)


def _of_kind(*kinds: str) -> Callable[[Past], bool]:
    return lambda past: any(product.kind in kinds for product in past.products)


def _subscriber(past: Past) -> bool:
    customer = past.history.customer
    return customer is not None and customer.marketing_state == "subscribed"


def _province(past: Past, wanted: str) -> bool:
    return (past.order.shipping_address or {}).get("province_code") == wanted


def _language(past: Past, wanted: str) -> bool:
    return choose_locale(past.order.locale, past.history.shelf.shop.locale) == wanted


def _season(past: Past, wanted: str) -> bool:
    day = past.order.placed_at.astimezone(ZoneInfo(past.history.zone)).date()
    return times.season(day, past.country) == wanted


def _product_type(past: Past, wanted: str) -> bool:
    return any(one.product_type.casefold() == wanted.casefold() for one in past.products)


def _tag(past: Past, wanted: str) -> bool:
    return any(wanted.casefold() in map(str.casefold, one.tags) for one in past.products)


_PLAIN: dict[str, Callable[[Past], bool]] = {
    "goods": lambda past: not past.history.digital,
    "digital": lambda past: past.history.digital,
    "first_order": lambda past: past.order.nth == 1,
    "repeat": lambda past: (past.order.nth or 1) > 1,
    "gift": lambda past: past.history.gift,
    "consumable": lambda past: any(past.history.shelf.lasts(line) for line in past.lines),
    "complex": _of_kind("complex"),
    "fast": _of_kind("fast", "consumable"),
    "long_cycle": _of_kind("long_cycle"),
    "subscriber": _subscriber,
}

_VALUED: dict[str, Callable[[Past, str], bool]] = {
    "orders": lambda past, least: (past.order.nth or 1) >= int(least),
    "country": lambda past, wanted: past.country == wanted,
    "province": _province,
    "language": _language,
    "season": _season,
    "product_type": _product_type,
    "tag": _tag,
}
