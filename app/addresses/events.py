"""What becomes of addresses. No address is in any of these."""

from __future__ import annotations

from app.core.events import Event


class AddressAsked(Event, frozen=True, kw_only=True):
    """A buyer wants their order's address changed, and Shopify is to be told."""

    case_id: int


class AddressCorrected(Event, frozen=True, kw_only=True):
    """Shopify has taken the buyer's change. `how` is `fix` (ours, by one tap) or `edit`; `moved`
    unless only the telephone number is another."""

    case_id: int
    how: str
    moved: bool = True


class AddressLeftToPerson(Event, frozen=True, kw_only=True):
    """A buyer wants a change that we may not, or could not, make; `why` as in `addresses.words`."""

    case_id: int
    why: str


class AddressSettled(Event, frozen=True, kw_only=True):
    """Nothing is left to be done about an order's address."""

    case_id: int
