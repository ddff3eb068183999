"""What the shop's own past says about delivery times."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.mirror.model import Order
from app.parcels.model import Parcel
from app.replenishment import rules

#: How far back a lane's past still tells about today, and how much of it is read.
MEMORY = timedelta(days=90)
SAMPLES = 500


def delivery_days(session: Session) -> int:
    """Days from order to door that 80 of 100 of the shop's recent parcels kept."""
    rows = session.execute(
        select(Order.placed_at, Parcel.delivered_at)
        .join(Parcel, (Parcel.shop_id == Order.shop_id) & (Parcel.order_id == Order.id))
        .where(
            Parcel.delivered_at > now(session) - MEMORY,
            Parcel.inferred.is_(False),
            Order.test.is_(False),
        )
        .order_by(Parcel.delivered_at.desc())
        .limit(SAMPLES)
    )
    return rules.delivery_days(
        [
            (arrived - placed).total_seconds() / 86_400
            for placed, arrived in rows
            if arrived is not None
        ]
    )
