"""What the store's orders, customers and fulfillments tell. Ids are ours."""

from __future__ import annotations

from app.core.events import Event


class OrderPlaced(Event, frozen=True, kw_only=True):
    """Someone bought; `first` when it is the customer's first order. Once an order, and never for
    orders that a backfill brought in."""

    first: bool = False


class OrdersImported(Event, frozen=True, kw_only=True):
    """The orders from before the install are in our copy, as far back as Shopify lets us look.
    None of them was announced. Once a shop."""

    count: int


class OrderEnriched(Event, frozen=True, kw_only=True):
    """We fetched what the webhook lacks; `checkout_token` joins the thank-you page."""

    checkout_token: str | None = None


class SubscriptionOrdered(Event, frozen=True, kw_only=True):
    """Something of the order was bought as a subscription. Once an order, when Shopify was asked:
    its webhooks do not say it."""


class AddressChanged(Event, frozen=True, kw_only=True):
    """The order goes to another address than before; `moved` unless only the name on the label or
    the telephone number is another."""

    moved: bool = True


class OrderPaid(Event, frozen=True, kw_only=True):
    """The order is paid in full. Once an order."""


class OrderCancelled(Event, frozen=True, kw_only=True):
    """The order was cancelled. Once an order."""


class OrderRefunded(Event, frozen=True, kw_only=True):
    """Money went back; `full` when nothing of the order is left. Once partly and once fully."""

    full: bool


class ReturnTold(Event, frozen=True, kw_only=True):
    """Shopify told something about a return: whoever wants to know it asks there. `number` is
    Shopify's."""

    number: int


class ReturnMoved(Event, frozen=True, kw_only=True):
    """A return is new, has another status than `before` (None: it is new), or takes other things
    back than it did. `status` as `mirror.model.Return` says it."""

    return_id: int
    status: str
    before: str | None


class FulfillmentRecorded(Event, frozen=True, kw_only=True):
    """A fulfillment is new or has changed."""

    fulfillment_id: int


class FulfillmentScanned(Event, frozen=True, kw_only=True):
    """A carrier's event; `status` is Shopify's FulfillmentEventStatus in lower case."""

    fulfillment_id: int
    event_id: int
    status: str


class MarketingConsentChanged(Event, frozen=True, kw_only=True):
    """The customer's marketing consent at Shopify changed, by `email` or `sms`; `source` says by
    what, `confirmed` that Shopify itself had it confirmed by a second click."""

    granted: bool
    source: str
    channel: str = "email"
    confirmed: bool = False
