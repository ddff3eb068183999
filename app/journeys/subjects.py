"""What one run is about: an order, a parcel, one bought line, or a customer since an order."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.journeys.definitions import Definition
from app.mirror import queries as mirror
from app.mirror import subscriptions
from app.mirror.model import Order, OrderLine
from app.parcels import queries as parcels
from app.replenishment import service as replenishment


@dataclass(frozen=True)
class Subject:
    """`name` is unique per journey and shop; `ids` are what the messages need."""

    name: str
    ids: dict[str, int] = field(default_factory=dict)
    line: OrderLine | None = None


def subjects_of(
    session: Session,
    definition: Definition,
    order: Order,
    parcel_id: int | None,
    *,
    hoped_for: bool = False,
) -> list[Subject]:
    """The subjects that enter a journey when something happens to an order or one parcel of it.
    With `hoped_for`, those that would if everything arrived in one parcel."""
    if definition.per == "parcel":
        if parcel_id is None:
            return [Subject("parcel:")] if hoped_for else []
        return [Subject(f"parcel:{parcel_id}", {"parcel_id": parcel_id})]
    name = _name(definition, order)
    if name == "" or (name and definition.about == "order"):
        return [Subject(name)] if name else []
    lines = _arrived(session, order, parcel_id)
    if definition.starts == "subscribed":
        lines = [line for line in lines if subscriptions.subscribed(line)]
    if name:
        return [Subject(name, _ids(line), line) for line in _main(lines)]
    if "consumable" in definition.when:
        lines = [line for line in lines if replenishment.consumable(session, line)]
    return [Subject(f"line:{line.id}", _ids(line), line) for line in lines]


def _name(definition: Definition, order: Order) -> str | None:
    """The one subject of a whole order; empty for a guest in a customers' journey, who is nobody
    to come back to, and None when each line is a subject of its own."""
    if definition.per == "order":
        return f"order:{order.id}"
    if definition.per == "customer":
        return f"customer:{order.customer_id}:order:{order.id}" if order.customer_id else ""
    return None


def _arrived(session: Session, order: Order, parcel_id: int | None) -> list[OrderLine]:
    """The lines a parcel brought (all that are shipped, when it does not say), or those of an
    order that nothing is shipped of; without what was refunded and without gift cards."""
    lines = mirror.order_lines(session, order.id)
    if parcel_id is not None:
        inside = mirror.contents(session, parcels.parcel(session, parcel_id).fulfillment_id)
        lines = [line for line in lines if line.requires_shipping]
        lines = [line for line in lines if not inside or line.shopify_id in inside]
    return [line for line in lines if line.current_quantity > 0 and not line.gift_card]


def best_of(session: Session, order: Order) -> dict[str, int]:
    """The ids of the line that speaks for what of an order was not refunded; empty when nothing
    can."""
    return next((_ids(line) for line in _main(_arrived(session, order, None))), {})


def _main(lines: list[OrderLine]) -> list[OrderLine]:
    """The line to ask about when one mail speaks for all: what the customer paid most for, the
    first in the cart among equals."""
    worth = [
        (line.price_minor * line.current_quantity - line.discount_minor, -line.id, line)
        for line in lines
        if line.product_shopify_id is not None
    ]
    return [max(worth, key=lambda one: one[:2])[2]] if worth else []


def _ids(line: OrderLine) -> dict[str, int]:
    ids = {"line_id": line.id}
    if line.product_shopify_id is not None:
        ids["product_shopify_id"] = line.product_shopify_id
    return ids
