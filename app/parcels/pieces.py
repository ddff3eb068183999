"""What of an order is in no parcel yet."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.mirror import queries as mirror
from app.mirror.model import OrderLine
from app.parcels.model import Parcel


def unsent(session: Session, lines: Iterable[OrderLine], sent: Iterable[Parcel]) -> int:
    """How many pieces have yet to be handed over; 0 where nobody said what a parcel holds."""
    left = {row.shopify_id: max(row.current_quantity, 0) for row in lines if row.requires_shipping}
    for parcel in sent:
        inside = mirror.contents(session, parcel.fulfillment_id)
        if not inside:
            return 0
        left = {key: max(count - inside.get(key, 0), 0) for key, count in left.items()}
    return sum(left.values())
