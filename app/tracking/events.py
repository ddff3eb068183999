"""What shoppers say about their parcels. `order_id` and `customer_id` come with every event."""

from __future__ import annotations

from app.core.events import Event


class ParcelMissed(Event, frozen=True, kw_only=True):
    """A shopper says that a delivered parcel is not there. Once a case."""

    case_id: int
    parcel_id: int


class ParcelCaseClosed(Event, frozen=True, kw_only=True):
    """A person of the shop (`staff`: Shopify's number) has settled it."""

    case_id: int
    parcel_id: int
    staff: str = ""
