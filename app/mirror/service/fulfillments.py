"""Fulfillments and the carrier's scans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.inbox import service as inbox
from app.inbox.model import Webhook
from app.journal.service import record
from app.mirror import queries, rules
from app.mirror.events import FulfillmentRecorded, FulfillmentScanned
from app.mirror.model import Fulfillment, FulfillmentEvent, Order
from app.mirror.service import fields, rows
from app.shopify import payloads


def apply_fulfillment(session: Session, webhook: Webhook, body: bytes) -> None:
    """`fulfillments/create` and `fulfillments/update`."""
    payload = payloads.fulfillment(body)
    order = rows.order(session, payload.order_id)
    if order is None:
        raise inbox.awaiting(webhook, "order", payload.order_id)
    keep_fulfillment(session, order, payload)


def apply_scan(session: Session, webhook: Webhook, body: bytes) -> None:
    """`fulfillment_events/create`."""
    payload = payloads.fulfillment_event(body)
    fulfillment = rows.fulfillment(session, payload.fulfillment_id)
    if fulfillment is None:
        raise inbox.awaiting(webhook, "fulfillment", payload.fulfillment_id)
    keep_scan(
        session,
        fulfillment,
        number=payload.id,
        status=payload.status.lower(),
        happened_at=payload.happened_at,
        message=payload.message,
        city=payload.city,
        province=payload.province,
        estimated=payload.estimated_delivery_at,
    )


def keep_scan(
    session: Session,
    fulfillment: Fulfillment,
    *,
    number: int,
    status: str,
    happened_at: datetime,
    message: str | None,
    city: str | None,
    province: str | None,
    estimated: datetime | None,
) -> None:
    """Keep one report of a carrier and announce it; the same `number` a second time is nothing new.
    Shopify's are above zero, those of whoever else follows parcels below."""
    order = queries.order(session, fulfillment.order_id)
    known = order.redacted_at is None
    event_id = session.execute(
        insert(FulfillmentEvent)
        .values(
            shop_id=fulfillment.shop_id,
            fulfillment_id=fulfillment.id,
            shopify_id=number,
            status=status,
            message=message if known else None,
            city=city if known else None,
            province=province if known else None,
            happened_at=happened_at,
            estimated_delivery_at=estimated,
        )
        .on_conflict_do_nothing()
        .returning(FulfillmentEvent.id)
    ).scalar_one_or_none()
    if event_id is None:
        return
    record(
        session,
        FulfillmentScanned(
            occurred_at=happened_at,
            order_id=order.id,
            customer_id=order.customer_id,
            fulfillment_id=fulfillment.id,
            event_id=event_id,
            status=status,
        ),
    )


def keep_fulfillment(
    session: Session,
    order: Order,
    payload: payloads.FulfillmentPayload,
    *,
    announce: bool = True,
) -> Fulfillment:
    """Upsert a fulfillment of a locked order; announces it when something about it changed."""
    said = fields.of_fulfillment(payload)
    row = rows.fulfillment(session, payload.id)
    new = row is None
    if row is None:
        row = Fulfillment(
            shop_id=order.shop_id,
            order_id=order.id,
            shopify_id=payload.id,
            fulfilled_at=payload.created_at,
            source_updated_at=payload.updated_at,
            **said,
        )
        session.add(row)
        session.flush()
        inbox.arrived(session, "fulfillment", payload.id)
    elif not _is_newer(row, payload, said):
        return row
    changed = new or any(getattr(row, name) != value for name, value in said.items())
    for name, value in said.items():
        setattr(row, name, value)
    row.source_updated_at = payload.updated_at
    if changed and announce:
        record(
            session,
            FulfillmentRecorded(
                occurred_at=payload.created_at if new else payload.updated_at,
                order_id=order.id,
                customer_id=order.customer_id,
                fulfillment_id=row.id,
            ),
        )
    return row


def _is_newer(row: Fulfillment, payload: payloads.FulfillmentPayload, said: dict[str, Any]) -> bool:
    return rules.newer(
        payload.updated_at,
        rules.fulfillment_progress(
            payload.status, payload.shipment_status, said["tracking_number"]
        ),
        row.source_updated_at,
        rules.fulfillment_progress(row.status, row.shipment_status, row.tracking_number),
    )
