"""What is the same for all orders of a shop."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from app.journeys.means import Means
from app.messages.kinds import Kind
from app.mirror.model import OrderLine, Product
from app.parcels import queries as parcel_queries
from app.parcels import rules as parcel_rules
from app.replenishment import rules as replenishment
from app.segments import rules as segments
from app.shops.model import Shop

#: The hour at which something that is only expected on a day is imagined to happen.
NOON = time(12)


@dataclass
class Shelf:
    """The shop and its products, read once for many orders."""

    shop: Shop
    delivery_days: int
    now: datetime
    means: Means
    scale: segments.Scale
    products: dict[int, Product] = field(default_factory=dict)
    siblings: dict[int, list[str]] = field(default_factory=dict)
    priors: dict[int, int | None] = field(default_factory=dict)
    #: What messages lack, by what was bought.
    asked: dict[Hashable, Callable[[Kind], str | None]] = field(default_factory=dict)
    days: dict[Any, tuple[datetime, datetime]] = field(default_factory=dict)

    def product(self, line: OrderLine | None) -> Product | None:
        """A line's product; None for what we do not know."""
        return self.products.get(line.product_shopify_id or 0) if line is not None else None

    def lasts(self, line: OrderLine | None) -> int | None:
        """Days an ordinary pack of a line's product lasts; None for what is not used up."""
        product = self.product(line)
        if product is None or line is None or line.gift_card or not line.requires_shipping:
            return None
        if product.id not in self.priors:
            self.priors[product.id] = replenishment.prior_days(
                product.product_type, product.tags, product.title, product.kind
            )
        return self.priors[product.id]

    def expected(self, placed_at: datetime, zone: str) -> tuple[datetime, datetime]:
        """When something ordered then should leave and arrive. Holidays are looked up once a day
        and zone, not once an order."""
        day = placed_at.astimezone(ZoneInfo(self.shop.timezone)).date()
        if (day, zone) not in self.days:
            promise, tz = parcel_queries.promise_of(self.shop), ZoneInfo(zone)
            home = (placed_at, self.shop.timezone, self.shop.country, promise)
            leaves, arrives = (
                parcel_rules.ships_between(*home)[0],
                parcel_rules.expected_dates(*home)[0],
            )
            self.days[day, zone] = (
                datetime.combine(leaves, NOON, tz),
                datetime.combine(arrives, NOON, tz),
            )
        return self.days[day, zone]
