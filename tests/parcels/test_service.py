"""Fulfillments and scans become parcels and news."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal import queries as journal
from app.mirror import queries as mirror
from app.mirror.model import Fulfillment, FulfillmentEvent
from app.parcels import queries, service
from app.parcels.service import FulfillmentRecorded, FulfillmentScanned
from tests import make


def fulfillment(session: Session, order_id: int, **given: object) -> Fulfillment:
    made = Fulfillment(
        shop_id=session.info["shop_id"],
        order_id=order_id,
        shopify_id=given.pop("shopify_id", 9001),
        status=given.pop("status", "success"),
        company="Yamato (JA)",
        tracking_number="123456789013",
        fulfilled_at=now(session),
        lines=[
            {"line_shopify_id": line.shopify_id, "quantity": line.quantity}
            for line in mirror.order_lines(session, order_id)
        ],
        **given,
    )
    session.add(made)
    session.flush()
    return made


def scan(session: Session, parent: Fulfillment, status: str, hours: int) -> FulfillmentScanned:
    made = FulfillmentEvent(
        shop_id=parent.shop_id,
        fulfillment_id=parent.id,
        shopify_id=7000 + hours,
        status=status,
        happened_at=parent.fulfilled_at + timedelta(hours=hours),
    )
    session.add(made)
    session.flush()
    return FulfillmentScanned(
        occurred_at=made.happened_at, fulfillment_id=parent.id, event_id=made.id, status=status
    )


def kinds(session: Session, order_id: int) -> list[str]:
    found = journal.of_order(session, order_id)
    return sorted(entry.kind for entry in found if entry.kind.startswith("Parcel"))


def test_a_parcel_is_announced_once_and_moves_with_its_scans(
    app: Flask, shop: make.MadeShop
) -> None:
    with shop.work() as session:
        order = make.order(session)
        sent = fulfillment(session, order.id)
        recorded = FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        service.on_fulfillment(session, recorded)
        service.on_fulfillment(session, recorded)
        for status, hours in (("in_transit", 5), ("out_for_delivery", 20), ("delivered", 24)):
            service.on_scan(session, scan(session, sent, status, hours))
        (parcel,) = queries.parcels_of(session, order.id)
        assert parcel.state == "delivered"
        assert parcel.carrier == "yamato"
        assert parcel.delivered_at == sent.fulfilled_at + timedelta(hours=24)
        assert kinds(session, order.id) == [
            "ParcelDelivered",
            "ParcelOutForDelivery",
            "ParcelShipped",
        ]


def test_a_late_scan_takes_nothing_back(app: Flask, shop: make.MadeShop) -> None:
    with shop.work() as session:
        order = make.order(session)
        sent = fulfillment(session, order.id)
        # The scan overtakes the fulfillment's own webhook.
        service.on_scan(session, scan(session, sent, "delivered", 24))
        service.on_scan(session, scan(session, sent, "out_for_delivery", 20))
        (parcel,) = queries.parcels_of(session, order.id)
        assert parcel.state == "delivered"
        assert kinds(session, order.id) == ["ParcelDelivered", "ParcelShipped"]


def test_what_is_not_shipped_has_no_parcel(app: Flask, shop: make.MadeShop) -> None:
    with shop.work() as session:
        digital = make.product(session, requires_shipping=False, title="レシピ集")
        order = make.order(session, items=[digital])
        sent = fulfillment(session, order.id)
        service.on_fulfillment(
            session, FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        )
        assert queries.parcels_of(session, order.id) == []


def test_a_cancelled_fulfillment_takes_its_parcel_away(app: Flask, shop: make.MadeShop) -> None:
    with shop.work() as session:
        order = make.order(session)
        sent = fulfillment(session, order.id)
        recorded = FulfillmentRecorded(occurred_at=now(session), fulfillment_id=sent.id)
        service.on_fulfillment(session, recorded)
        sent.status = "cancelled"
        service.on_fulfillment(session, recorded)
        assert queries.parcels_of(session, order.id) == []
