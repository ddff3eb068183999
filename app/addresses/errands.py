"""The errand to Shopify, for buyers who did not wait, and for when it had no time."""

from __future__ import annotations

from app.addresses import pushing
from app.addresses.events import AddressAsked


def tell(shop_id: int, event: AddressAsked) -> None:
    """Carry out what a buyer asked for, unless it is done already."""
    pushing.push(shop_id, event.case_id)
