"""What a parcel's journey tells. `order_id` and `customer_id` come with every event."""

from __future__ import annotations

from app.core.events import Event


class ParcelEvent(Event, frozen=True, kw_only=True):
    """Something happened to one parcel."""

    parcel_id: int


class ParcelShipped(ParcelEvent, frozen=True, kw_only=True):
    """The shop handed it over. Once a parcel."""


class ParcelOutForDelivery(ParcelEvent, frozen=True, kw_only=True):
    """It is on the van."""


class ParcelAttempted(ParcelEvent, frozen=True, kw_only=True):
    """Nobody was at home."""


class ParcelDelayed(ParcelEvent, frozen=True, kw_only=True):
    """The carrier reports a delay or a problem, or has not been heard of for too long."""


class ParcelMovedOn(ParcelEvent, frozen=True, kw_only=True):
    """A parcel that was late is on its way again."""


class ParcelCancelled(ParcelEvent, frozen=True, kw_only=True):
    """The shop took its hand-over back: it does not arrive, and is not late any more."""


class ParcelDelivered(ParcelEvent, frozen=True, kw_only=True):
    """It arrived. `inferred` when nobody scanned it."""

    inferred: bool = False
