"""Keep parcels in step with what the shop and the carrier report, and say what is new."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import FulfillmentRecorded, FulfillmentScanned
from app.mirror.model import Customer, Fulfillment, Order
from app.parcels import expectations, silence
from app.parcels.carriers import carrier_of, tracking_url
from app.parcels.events import (
    ParcelAttempted,
    ParcelCancelled,
    ParcelDelayed,
    ParcelDelivered,
    ParcelEvent,
    ParcelMovedOn,
    ParcelOutForDelivery,
    ParcelShipped,
)
from app.parcels.model import Parcel
from app.parcels.queries import parcel_of_fulfillment, parcels_of

#: Reaching one of these states is news.
NEWS: dict[str, type[ParcelEvent]] = {
    "out_for_delivery": ParcelOutForDelivery,
    "attempted": ParcelAttempted,
    "exception": ParcelDelayed,
    "delivered": ParcelDelivered,
}


def on_fulfillment(session: Session, event: FulfillmentRecorded) -> None:
    """A fulfillment is new or changed: make or refresh its parcel."""
    _refresh(session, mirror.fulfillment(session, event.fulfillment_id))


def on_scan(session: Session, event: FulfillmentScanned) -> None:
    """The carrier scanned it. Scans may overtake the fulfillment's own webhook."""
    _refresh(session, mirror.fulfillment(session, event.fulfillment_id))


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """A customer's parcels, and what the carriers said of them."""
    return [
        {
            "order": order.name,
            "carrier": parcel.carrier,
            "tracking_number": parcel.tracking_number,
            "tracking_url": parcel.tracking_url,
            "state": parcel.state,
            "delivered_at": parcel.delivered_at,
        }
        for order in mirror.orders_of(session, customer.id)
        for parcel in parcels_of(session, order.id)
    ]


def erase_person(session: Session, customer: Customer) -> int:
    """Forget the tracking numbers of a customer's parcels: they lead to an address at the
    carrier's. Returns how many parcels were cut."""
    orders = [order.id for order in mirror.orders_of(session, customer.id)]
    cut = session.execute(
        update(Parcel)
        .where(Parcel.order_id.in_(orders))
        .values(tracking_number=None, tracking_url=None)
        .returning(Parcel.id)
    )
    return len(cut.all())


def _refresh(session: Session, fulfillment: Fulfillment) -> None:
    order = mirror.order(session, fulfillment.order_id)
    parcel = _parcel(session, fulfillment, order)
    if parcel is None:
        return
    if fulfillment.status == "cancelled":
        if parcel.cancelled_at is None:
            parcel.cancelled_at = now(session)
            _announce(session, ParcelCancelled, parcel.id, order, now(session))
        silence.forget(session, parcel)
        return
    scans = mirror.scans_of(session, fulfillment.id)
    _carrier(parcel, fulfillment)
    before = _move(session, parcel)
    expectations.expect(session, parcel, order, scans)
    silence.watch(session, parcel, order, silence.state_of(session, parcel))
    _tell(session, parcel, order, before)


def _parcel(session: Session, fulfillment: Fulfillment, order: Order) -> Parcel | None:
    """The fulfillment's parcel, made now if the goods need one; the insert that wins announces."""
    known = parcel_of_fulfillment(session, fulfillment.id)
    if known is not None or fulfillment.status != "success" or not _ships(session, fulfillment):
        return known
    made = session.execute(
        insert(Parcel)
        .values(
            shop_id=fulfillment.shop_id,
            order_id=order.id,
            fulfillment_id=fulfillment.id,
            shipped_at=fulfillment.fulfilled_at,
            state="shipped",
            inferred=False,
        )
        .on_conflict_do_nothing()
        .returning(Parcel.id)
    ).scalar_one_or_none()
    parcel = parcel_of_fulfillment(session, fulfillment.id)
    if made is not None:
        _announce(session, ParcelShipped, made, order, fulfillment.fulfilled_at)
    return parcel


def _ships(session: Session, fulfillment: Fulfillment) -> bool:
    """Whether any line of the fulfillment is a thing that travels."""
    sent = {line["line_shopify_id"] for line in fulfillment.lines}
    lines = mirror.order_lines(session, fulfillment.order_id)
    return any(line.requires_shipping for line in lines if not sent or line.shopify_id in sent)


def _carrier(parcel: Parcel, fulfillment: Fulfillment) -> None:
    known = carrier_of(fulfillment.company)
    parcel.carrier = known.id if known else fulfillment.company
    parcel.tracking_number = fulfillment.tracking_number
    parcel.tracking_url = tracking_url(
        fulfillment.company, fulfillment.tracking_number, fulfillment.tracking_url
    )


def _move(session: Session, parcel: Parcel) -> str | None:
    """Bring the parcel to where the carrier says it is; returns the state before, None when that
    was a guess."""
    found = silence.state_of(session, parcel)
    before = None if parcel.inferred else parcel.state
    if silence.still_holds(parcel, found):
        return parcel.state
    parcel.state, parcel.inferred = found.state, False
    parcel.trouble = "carrier" if found.state == "exception" else None
    parcel.trouble_at = found.since if parcel.trouble else None
    parcel.out_for_delivery_at, parcel.delivered_at = found.out_for_delivery_at, found.delivered_at
    return before


def _tell(session: Session, parcel: Parcel, order: Order, before: str | None) -> None:
    if parcel.state == before:
        return
    at = silence.state_of(session, parcel).since
    if before == "exception" and parcel.state not in ("delivered", "returned"):
        _announce(session, ParcelMovedOn, parcel.id, order, at)
    if parcel.state in NEWS:
        _announce(session, NEWS[parcel.state], parcel.id, order, at)


def _announce(
    session: Session, kind: type[ParcelEvent], parcel_id: int, order: Order, at: datetime
) -> None:
    record(
        session,
        kind(occurred_at=at, order_id=order.id, customer_id=order.customer_id, parcel_id=parcel_id),
    )
