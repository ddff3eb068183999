"""Parcels nobody hears of any more: when they are late, when they count as delivered, and what a
later word does."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.parcels import expectations, rules, waiting
from app.parcels.events import ParcelDelayed, ParcelDelivered
from app.parcels.expectations import NOTICED
from app.parcels.model import Parcel, ParcelWatch
from app.parcels.queries import parcel as the_parcel
from app.shops.service import shop

#: Of a parcel that should have come so long ago nobody waits for anything any more.
FORGOTTEN = timedelta(days=30)


def watch(session: Session, parcel: Parcel, order: Order, found: rules.ParcelState) -> None:
    """Note when a parcel is late, or counts as delivered, if its carrier stays silent from now
    on."""
    due = _due(session, parcel, order, found)
    session.execute(
        insert(ParcelWatch)
        .values(
            shop_id=parcel.shop_id,
            parcel_id=parcel.id,
            state="scheduled",
            lane="default",
            attempts=0,
            due_at=due,
        )
        .on_conflict_do_update(
            index_elements=["shop_id", "parcel_id"],
            set_={"due_at": due, "state": "scheduled", "claim_token": None, "attempts": 0},
        )
    )


def forget(session: Session, parcel: Parcel) -> None:
    """A cancelled parcel does not arrive."""
    session.execute(
        update(ParcelWatch).where(ParcelWatch.parcel_id == parcel.id).values(due_at=None)
    )


def look(session: Session, watched: ParcelWatch) -> None:
    """The silence has lasted: the parcel is late, or it counts as delivered from now on. Called
    with the watch claimed and locked; a scan that came meanwhile has moved it."""
    parcel = the_parcel(session, watched.parcel_id)
    if parcel.cancelled_at is not None:
        return
    order = mirror.order(session, parcel.order_id)
    found = state_of(session, parcel)
    late = None if parcel.trouble in NOTICED else _late(session, parcel, order, found)
    if late is None:
        _infer(session, parcel, order, found)
    elif late.at <= now(session):
        _delay(session, parcel, order, late.reason)
    if parcel.state != "delivered":
        # Looked at again: when it is late by then, or when it must have arrived.
        watched.state, watched.attempts = "scheduled", 0
        watched.due_at = _due(session, parcel, order, found)


def state_of(session: Session, parcel: Parcel) -> rules.ParcelState:
    """Where a parcel is by what the carrier reported."""
    fulfillment = mirror.fulfillment(session, parcel.fulfillment_id)
    scans = mirror.scans_of(session, fulfillment.id)
    reports = [rules.Scan(scan.status, scan.happened_at) for scan in scans]
    if not reports and fulfillment.shipment_status:
        # Some carriers set the fulfillment's status without an event of its own.
        at = fulfillment.source_updated_at or now(session)
        reports = [rules.Scan(fulfillment.shipment_status, at)]
    return rules.state_of(parcel.shipped_at, reports)


def still_holds(parcel: Parcel, found: rules.ParcelState) -> bool:
    """Whether what we took for granted stands, a delivery or a delay: the carrier has neither
    confirmed it nor said anything since that speaks against it."""
    if found.delivered_at is not None:
        return False
    if parcel.inferred and parcel.delivered_at is not None:
        return found.since <= parcel.delivered_at
    if parcel.trouble in NOTICED and parcel.trouble_at is not None:
        return found.since <= parcel.trouble_at and found.state in waiting.SILENT
    return False


def _due(
    session: Session, parcel: Parcel, order: Order, found: rules.ParcelState
) -> datetime | None:
    if parcel.expected_to is None or parcel.cancelled_at is not None or parcel.state == "delivered":
        return None
    late = None if parcel.trouble in NOTICED else _late(session, parcel, order, found)
    due = late.at if late else _arrived_at(session, parcel, order, found)
    return due if due and due > now(session) - FORGOTTEN else None


def _late(
    session: Session, parcel: Parcel, order: Order, found: rules.ParcelState
) -> waiting.Delay | None:
    if parcel.expected_from is None or parcel.expected_to is None:
        return None
    expected, zone = (parcel.expected_from, parcel.expected_to), shop(session).timezone
    return waiting.late_at(found, expected, zone, abroad=_abroad(session, order))


def _arrived_at(
    session: Session, parcel: Parcel, order: Order, found: rules.ParcelState
) -> datetime | None:
    if parcel.expected_to is None:
        return None
    slow = parcel.trouble in NOTICED or _abroad(session, order)
    return waiting.taken_as_delivered_at(
        found, parcel.expected_to, shop(session).timezone, slow=slow
    )


def _abroad(session: Session, order: Order) -> bool:
    home = shop(session).country
    return ((order.shipping_address or {}).get("country_code") or home) != home


def _delay(session: Session, parcel: Parcel, order: Order, reason: str) -> None:
    """Say once that it is late, with a new day."""
    parcel.state, parcel.inferred = "exception", False
    parcel.trouble, parcel.trouble_at = reason, now(session)
    scans = mirror.scans_of(session, parcel.fulfillment_id)
    expectations.expect(session, parcel, order, scans, noticed=reason)
    record(
        session,
        ParcelDelayed(
            occurred_at=now(session),
            order_id=order.id,
            customer_id=order.customer_id,
            parcel_id=parcel.id,
        ),
    )


def _infer(session: Session, parcel: Parcel, order: Order, found: rules.ParcelState) -> None:
    due = _arrived_at(session, parcel, order, found)
    if due is None or due > now(session):
        return
    parcel.state, parcel.inferred, parcel.delivered_at = "delivered", True, now(session)
    parcel.trouble = parcel.trouble_at = None
    record(
        session,
        ParcelDelivered(
            occurred_at=now(session),
            order_id=order.id,
            customer_id=order.customer_id,
            parcel_id=parcel.id,
            inferred=True,
        ),
    )
