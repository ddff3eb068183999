"""What everything on one page is drawn from, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from app.consent import queries as consent
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order, OrderLine, Product
from app.parcels import cases, expectations
from app.parcels.expectations import Outlook
from app.shops import service as shops
from app.shops.model import Shop


@dataclass(frozen=True)
class Context:
    """A page whose order is known. `products` go by Shopify's number; without a customer the buyer
    is a guest."""

    session: Session
    shop: Shop
    order: Order
    customer: Customer | None
    lines: list[OrderLine]
    products: dict[int, Product]

    @cached_property
    def outlook(self) -> Outlook:
        """What can be said of the order's way."""
        return expectations.outlook(self.session, self.order)

    @property
    def arrived(self) -> bool:
        """Whether everything that was sent is there."""
        sent = self.outlook.parcels
        return bool(sent) and all(one.state == "delivered" for one in sent)

    @property
    def partly(self) -> bool:
        """Whether some of it is still with the shop while the rest has left."""
        return bool(self.outlook.parcels) and self.order.fulfillment_status == "partial"

    @cached_property
    def missed(self) -> dict[int, date]:
        """Which parcels their buyer misses, though they count as delivered, and since when."""
        return cases.missed(self.session, self.outlook.parcels)

    @property
    def done(self) -> bool:
        """Whether no more news of its way is to come."""
        return self.order.cancelled_at is not None or (self.arrived and not self.partly)

    @cached_property
    def known(self) -> consent.Known | None:
        """What the buyer said and where they are reached; None for a guest."""
        return consent.known(self.session, self.customer) if self.customer else None

    @property
    def on_line(self) -> bool:
        """Whether the buyer has linked their LINE."""
        return self.known is not None and "line" in self.known.addresses


def load(
    session: Session, order: Order, customer: Customer | None, bought: mirror.Bought | None
) -> Context:
    """The context of an order's page; what was bought is asked for unless it is known."""
    lines, products = bought or mirror.bought(session, order.id)
    return Context(session, shops.shop(session), order, customer, lines, products)
