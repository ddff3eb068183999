"""Reads of fulfillments and of what carriers report."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.mirror.model import Fulfillment, FulfillmentEvent


def fulfillment(session: Session, fulfillment_id: int) -> Fulfillment:
    """One fulfillment; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Fulfillment, (session.info["shop_id"], fulfillment_id))
    if found is None:
        raise NotFound
    return found


def contents(session: Session, fulfillment_id: int) -> dict[int, int]:
    """How many pieces of which line, by its Shopify id, a fulfillment holds; empty when unknown."""
    held: dict[int, int] = {}
    for part in fulfillment(session, fulfillment_id).lines:
        number = part["line_shopify_id"]
        held[number] = held.get(number, 0) + part["quantity"]
    return held


def fulfillments_of(session: Session, order_id: int) -> list[Fulfillment]:
    """An order's fulfillments, oldest first."""
    return list(
        session.scalars(
            select(Fulfillment)
            .where(Fulfillment.order_id == order_id)
            .order_by(Fulfillment.fulfilled_at, Fulfillment.id)
        )
    )


def scan(session: Session, event_id: int) -> FulfillmentEvent:
    """One carrier's event; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(FulfillmentEvent, (session.info["shop_id"], event_id))
    if found is None:
        raise NotFound
    return found


def scans_of(session: Session, fulfillment_id: int) -> list[FulfillmentEvent]:
    """A fulfillment's carrier events in the order they happened."""
    return list(
        session.scalars(
            select(FulfillmentEvent)
            .where(FulfillmentEvent.fulfillment_id == fulfillment_id)
            .order_by(FulfillmentEvent.happened_at, FulfillmentEvent.id)
        )
    )
