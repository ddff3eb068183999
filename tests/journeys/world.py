"""A shop whose journeys are on, and what happens to its orders: told through the same events that
webhooks lead to."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.clock import now
from app.journal.service import record
from app.journeys import service as journeys
from app.journeys.model import JourneyRun
from app.messages.model import Message
from app.mirror.events import (
    FulfillmentRecorded,
    FulfillmentScanned,
    OrderCancelled,
    OrderPlaced,
    OrderRefunded,
)
from app.mirror.model import Fulfillment, FulfillmentEvent, Order, OrderLine
from tests import make

_numbers = count(50_001)


class World:
    """One shop, its orders and its runs."""

    def __init__(self, app: Flask, shop: make.MadeShop) -> None:
        self.app, self.shop = app, shop

    def switch_on(self, *keys: str) -> None:
        """Switch journeys on, all recommended ones by default."""
        with self.shop.work() as session:
            if keys:
                for key in keys:
                    journeys.switch_on(session, key)
            else:
                journeys.switch_on_recommended(session)

    def place(self, **given: Any) -> int:
        """An order comes in and everyone reacts; returns its id."""
        with self.shop.work() as session:
            buyer = given.pop("buyer_given", None)
            if buyer is not None:
                given["buyer"] = make.customer(session, **buyer)
            attributes = given.pop("items_given", None)
            if attributes is not None:
                given["items"] = [make.product(session, **one) for one in attributes]
            order = make.order(session, **given)
            self._announce(session, OrderPlaced, order, first=order.nth == 1)
            order_id = order.id
        make.settle(self.app)
        return order_id

    def ship(self, order_id: int, contents: list[dict[str, int]] | None = None) -> int:
        """The shop hands all of an order over, or these contents; returns the fulfillment's id."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, order_id))
            lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order_id))
            fulfillment = Fulfillment(
                shop_id=self.shop.id,
                order_id=order_id,
                shopify_id=next(_numbers),
                status="success",
                company="Yamato (JA)",
                tracking_number="123456789013",
                fulfilled_at=now(session),
                lines=contents
                or [
                    {"line_shopify_id": line.shopify_id, "quantity": line.quantity}
                    for line in lines
                ],
            )
            session.add(fulfillment)
            session.flush()
            self._announce(session, FulfillmentRecorded, order, fulfillment_id=fulfillment.id)
            fulfillment_id = fulfillment.id
        make.settle(self.app)
        return fulfillment_id

    def scan(
        self,
        fulfillment_id: int,
        status: str,
        ago: timedelta = timedelta(0),
        estimated: datetime | None = None,
    ) -> None:
        """The carrier scans a parcel, and names the day."""
        with self.shop.work() as session:
            fulfillment = session.get_one(Fulfillment, (self.shop.id, fulfillment_id))
            order = session.get_one(Order, (self.shop.id, fulfillment.order_id))
            event = FulfillmentEvent(
                shop_id=self.shop.id,
                fulfillment_id=fulfillment_id,
                shopify_id=next(_numbers),
                status=status,
                happened_at=now(session) - ago,
                estimated_delivery_at=estimated,
            )
            session.add(event)
            session.flush()
            self._announce(
                session,
                FulfillmentScanned,
                order,
                fulfillment_id=fulfillment_id,
                event_id=event.id,
                status=status,
            )
        make.settle(self.app)

    def deliver(self, order_id: int) -> None:
        """Ship and deliver an order."""
        self.scan(self.ship(order_id), "delivered")

    def cancel(self, order_id: int) -> None:
        """The order is cancelled."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, order_id))
            order.cancelled_at = now(session)
            self._announce(session, OrderCancelled, order)
        make.settle(self.app)

    def refund(self, order_id: int, *, full: bool) -> None:
        """Money goes back: for everything, or for the first line."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, order_id))
            order.refunded_at = now(session)
            order.financial_status = "refunded" if full else "partially_refunded"
            lines = session.scalars(
                select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
            ).all()
            for line in lines if full else lines[:1]:
                line.current_quantity = 0
            self._announce(session, OrderRefunded, order, full=full)
        make.settle(self.app)

    def tell(self, kind: type, order_id: int, **values: Any) -> None:
        """Record an event of a higher room."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, order_id))
            self._announce(session, kind, order, **values)
        make.settle(self.app)

    def run(self, order_id: int, journey: str) -> JourneyRun | None:
        """The order's one run of a journey."""
        with self.shop.work() as session:
            return session.scalars(
                select(JourneyRun).where(
                    JourneyRun.order_id == order_id, JourneyRun.journey == journey
                )
            ).one_or_none()

    def customer(self, order_id: int) -> int:
        """Whose order it is."""
        with self.shop.work() as session:
            order = session.get_one(Order, (self.shop.id, order_id))
            assert order.customer_id is not None
            return order.customer_id

    def messages(self, order_id: int) -> dict[str, tuple[str, str | None]]:
        """What became of each message of an order: `{"journey:step": (state, reason)}`."""
        with self.shop.work() as session:
            rows = session.scalars(select(Message).where(Message.order_id == order_id))
            return {":".join(row.key.split(":")[::2]): (row.state, row.reason) for row in rows}

    @staticmethod
    def _announce(session: Any, kind: Any, order: Order, **values: Any) -> None:
        at = order.placed_at if kind is OrderPlaced else now(session)
        record(
            session,
            kind(occurred_at=at, order_id=order.id, customer_id=order.customer_id, **values),
        )
