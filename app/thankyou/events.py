"""What happens on the thank-you page. `order_id` is the order that led there."""

from __future__ import annotations

from app.core.events import Event


class OfferShown(Event, frozen=True, kw_only=True):
    """An offer was made, once an order, with a deadline that never moves."""

    checkout_token: str
    grant_id: int


class OfferAccepted(Event, frozen=True, kw_only=True):
    """The offer brought an order."""

    checkout_token: str
    grant_id: int
    new_order_id: int


class OfferEnded(Event, frozen=True, kw_only=True):
    """The offer is over and its code no longer exists; nobody took it up."""

    checkout_token: str
    grant_id: int
