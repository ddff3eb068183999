"""The rows that a run's facts are read from; what nobody asks for is not read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from app.journeys import gifts, rules
from app.journeys.definitions import Definition
from app.journeys.person import Person, person_of
from app.messages import zones
from app.mirror import queries as mirror
from app.mirror import subscriptions
from app.mirror.model import Customer, Order, OrderLine, Product
from app.parcels.model import Parcel
from app.shops.service import shop
from app.surveys import queries as surveys


class Known:
    """What is known of a subject: its order, the line it is about, its parcels, and what became of
    the steps it took (`{step: {at, outcome, …}}`)."""

    def __init__(
        self,
        session: Session,
        definition: Definition,
        order: Order,
        lines: list[OrderLine],
        line: OrderLine | None,
        parcels: list[Parcel],
        steps: Mapping[str, Any] | None = None,
    ) -> None:
        self.session, self.definition, self.order = session, definition, order
        self.lines, self.line, self.parcels = lines, line, parcels
        self.steps = steps or {}

    @property
    def about(self) -> list[OrderLine]:
        """The line it is about, or all that is left of the order."""
        if self.line is not None:
            return [self.line]
        return [line for line in self.lines if line.current_quantity > 0] or self.lines

    @cached_property
    def products(self) -> list[Product]:
        """The products it is about, as far as we know them."""
        return list(mirror.products_for_lines(self.session, self.about).values())

    @cached_property
    def customer(self) -> Customer | None:
        """Who bought it; None for a guest."""
        return mirror.customer(self.session, self.order.customer_id)

    @cached_property
    def person(self) -> Person:
        """Who that is to the shop."""
        return person_of(self.session, self.order)

    @cached_property
    def subscription(self) -> subscriptions.Subscription | None:
        """The customer's subscription to what it is about; to all of it the one that came first."""
        ids = {line.product_shopify_id for line in self.about}
        found = [subscriptions.of_product(self.session, self.order.customer_id, one) for one in ids]
        return min((one for one in found if one), key=lambda one: one.since, default=None)

    @cached_property
    def had_before(self) -> set[int]:
        """The products its buyer had had when it was placed, by Shopify's number."""
        return mirror.had_before(self.session, self.order)

    @property
    def digital(self) -> bool:
        """Whether nothing of it travels."""
        return is_digital(self.lines)

    @cached_property
    def gift(self) -> bool:
        """Whether the order is for someone else."""
        return is_gift(self.session, self.order, self.lines)

    @cached_property
    def country(self) -> str | None:
        """Where the reader lives, or the shop does when nobody says."""
        place = self.order.shipping_address or {}
        own = self.customer.country if self.customer else None
        return place.get("country_code") or own or shop(self.session).country

    @cached_property
    def zone(self) -> str:
        """The zone the reader lives by."""
        return zone_of(self.session, self.order)

    @property
    def name(self) -> str:
        """Who a split divides by: the customer, or a guest's order."""
        customer = self.order.customer_id
        return f"customer:{customer}" if customer is not None else f"order:{self.order.id}"

    def arm(self, key: str) -> str:
        """The arm of a split this person is in: the one recorded, or the one that will be."""
        recorded: str | None = self.steps.get(key, {}).get("arm")
        split = self.definition.step(key).split
        if recorded or split is None:
            return recorded or ""
        return rules.arm_of(split, self.definition.key, key, self.name)


def is_digital(lines: list[OrderLine]) -> bool:
    """Whether nothing of the order travels; what was refunded counts only when all of it was."""
    left = [line for line in lines if line.current_quantity > 0] or lines
    return not any(line.requires_shipping for line in left)


def is_gift(session: Session, order: Order, lines: list[OrderLine]) -> bool:
    """Whether the order is for someone else: by what was ordered, or because the buyer said so
    when asked."""
    return looks_like_gift(order, lines) or surveys.said(session, order.id, *surveys.GIFT)


def looks_like_gift(order: Order, lines: list[OrderLine]) -> bool:
    """Whether what was ordered says that it is for someone else."""
    attributes = [*order.note_attributes.items()]
    for line in lines:
        attributes += line.attributes.items()
    return gifts.is_gift(
        [(str(key), str(value)) for key, value in attributes], [line.title for line in lines]
    )


def zone_of(session: Session, order: Order) -> str:
    """The zone the order's recipient lives by; of what is not shipped, its buyer's."""
    place = order.shipping_address or {}
    country = place.get("country_code")
    if not country:
        buyer = mirror.customer(session, order.customer_id)
        country = buyer.country if buyer else None
    return zones.zone_of(country, place.get("province_code"), shop(session).timezone)
