"""An order's past as one of its lines, or the whole order, is asked about it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from app.journeys.history import History, lacking, refunded_at
from app.journeys.once import once
from app.journeys.packs import pack_of
from app.messages.kinds import Kind
from app.mirror.model import OrderLine, Product

#: What is used up is known after a few days, as what must be eaten soon is (product.md).
USED_LIKE = {"consumable": "fast"}


class Past:
    """What one line, or all of an order, says to every journey that asks. What was asked once is
    known: nearly everything is asked of one line by many journeys."""

    def __init__(self, history: History, line: OrderLine | None) -> None:
        self.history, self.order, self.line = history, history.order, line
        #: The line it is about, or everything that was bought.
        self.lines = [line] if line is not None else history.lines
        self.title = line.title if line is not None else ""
        #: The rows its messages are about, besides the order.
        self.ids = {"line_id": line.id} if line is not None else {}
        #: Which conditions held, as far as somebody asked.
        self.held: dict[str, bool] = {}

    @once
    def products(self) -> list[Product]:
        """The products it is about, as far as we know them."""
        found = [self.history.shelf.product(line) for line in self.lines]
        return [product for product in found if product is not None]

    @once
    def kinds(self) -> frozenset[str]:
        """How its products are used."""
        return frozenset(product.kind for product in self.products)

    @once
    def packs(self) -> frozenset[str | None]:
        """What its products are besides goods: coaching, a service, a course."""
        return frozenset(pack_of(one.product_type, one.tags) for one in self.products)

    @once
    def kind(self) -> str:
        """How fast its product is used up, as offsets ask for it."""
        return kind_of(self.history, self.line)

    @property
    def country(self) -> str | None:
        """Where the reader lives, or the shop does when nobody says."""
        return self.history.country or self.history.shelf.shop.country

    @once
    def ends(self) -> tuple[tuple[datetime, str], ...]:
        """What breaks every run about it off, and when, the first first."""
        return tuple(sorted(_ends(self)))

    @once
    def lacks(self) -> Callable[[Kind], str | None]:
        """What a message of a kind about it would lack."""
        return partial(lacking, self.history, self.line)


def kind_of(history: History, line: OrderLine | None) -> str:
    """How fast a line's product is used up, as offsets ask for it."""
    product = history.shelf.product(line)
    kind = product.kind if product else "standard"
    return USED_LIKE.get(kind, kind)


def _ends(past: Past) -> Iterator[tuple[datetime, str]]:
    history, order, line = past.history, past.order, past.line
    if order.cancelled_at is not None:
        yield order.cancelled_at, "cancelled"
    refunded = refunded_at(history)
    if refunded is not None:
        yield refunded, "refunded"
    if line is not None and line.current_quantity <= 0:
        yield history.gone_at or order.placed_at, "line_refunded"
