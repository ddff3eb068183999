"""Parcels nobody hears of any more: when they count as delivered, and what a later word does."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.parcels import rules
from app.parcels.events import ParcelDelivered
from app.parcels.model import Parcel, ParcelWatch
from app.parcels.queries import parcel as the_parcel
from app.shops.service import shop

#: Of a parcel that should have come so long ago nobody waits for anything any more.
FORGOTTEN = timedelta(days=30)


def watch(session: Session, parcel: Parcel, order: Order, found: rules.ParcelState) -> None:
    """Note when a parcel counts as delivered if its carrier stays silent from now on."""
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


def _due(
    session: Session, parcel: Parcel, order: Order, found: rules.ParcelState
) -> datetime | None:
    home = shop(session)
    if parcel.expected_to is None or parcel.cancelled_at is not None:
        return None
    country = (order.shipping_address or {}).get("country_code") or home.country
    due = rules.taken_as_delivered_at(
        found, parcel.expected_to, home.timezone, abroad=country != home.country
    )
    return due if due and due > now(session) - FORGOTTEN else None


def forget(session: Session, parcel: Parcel) -> None:
    """A cancelled parcel does not arrive."""
    session.execute(
        update(ParcelWatch).where(ParcelWatch.parcel_id == parcel.id).values(due_at=None)
    )


def infer(session: Session, watched: ParcelWatch) -> None:
    """The silence has lasted: the parcel counts as delivered from now on, marked as inferred.
    Called with the watch claimed and locked; a scan that came meanwhile has moved it."""
    parcel = the_parcel(session, watched.parcel_id)
    if parcel.state not in rules.SILENT or parcel.cancelled_at is not None:
        return
    parcel.state, parcel.inferred, parcel.delivered_at = "delivered", True, now(session)
    order = mirror.order(session, parcel.order_id)
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


def still_holds(parcel: Parcel, found: rules.ParcelState) -> bool:
    """Whether an inferred delivery stands: the carrier has neither confirmed it nor said anything
    since that speaks against it."""
    if not parcel.inferred or parcel.delivered_at is None or found.delivered_at is not None:
        return False
    return found.since <= parcel.delivered_at
