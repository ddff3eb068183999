"""Shopify's webhook JSON: the only file that knows its shape.

Lenient about what we do not use, strict about what we cannot do without: a body that lacks it
raises `GiveUp("payload: …")` and stays visible in the inbox. Ids are Shopify's numbers, amounts
its decimal strings, times aware.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from app.core.errors import GiveUp

T = TypeVar("T")
#: The raw bytes, or what somebody has already made of them.
Body = bytes | dict[str, Any]


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all payloads; unknown fields are passed over."""


class Attribute(Payload, frozen=True, kw_only=True):
    """A name and a value the shopper or the store's theme wrote; values may be anything."""

    name: str = ""
    value: Any = None


class Address(Payload, frozen=True, kw_only=True):
    """A postal address as the buyer typed it."""

    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company: str | None = None
    phone: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None


class CompanyPayload(Payload, frozen=True, kw_only=True):
    """The company that bought (B2B), by Shopify's numbers."""

    id: int | None = None


class Amount(Payload, frozen=True, kw_only=True):
    """A decimal amount with its currency."""

    amount: str
    currency_code: str


class PriceSet(Payload, frozen=True, kw_only=True):
    """An amount in the shop's currency and in the buyer's."""

    shop_money: Amount
    presentment_money: Amount | None = None


class Consent(Payload, frozen=True, kw_only=True):
    """Consent to e-mail or SMS: `subscribed`, `not_subscribed`, `pending`, `unsubscribed`, …"""

    state: str | None = None
    opt_in_level: str | None = None
    consent_updated_at: datetime | None = None


class CustomerPayload(Payload, frozen=True, kw_only=True):
    """`customers/create`, `customers/update`, and the customer inside an order."""

    id: int
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    orders_count: int | None = None
    tags: str | list[str] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    email_marketing_consent: Consent | None = None
    sms_marketing_consent: Consent | None = None
    default_address: Address | None = None


class PlanPayload(Payload, frozen=True, kw_only=True):
    """The selling plan a line was bought with. `kind` is Shopify's category in lower case, `days`
    how often it orders anew; None where nobody says."""

    name: str
    kind: str | None = None
    days: int | None = None


class OrderLinePayload(Payload, frozen=True, kw_only=True):
    """One line of an order; `current_quantity` is what is left after edits and refunds. `plan` is
    said by the API alone."""

    id: int
    title: str = ""
    quantity: int
    current_quantity: int | None = None
    price: str = "0"
    total_discount: str = "0"
    product_id: int | None = None
    variant_id: int | None = None
    variant_title: str | None = None
    sku: str | None = None
    requires_shipping: bool = True
    gift_card: bool = False
    properties: list[Attribute] = msgspec.field(default_factory=list)
    plan: PlanPayload | None = None


class DiscountCode(Payload, frozen=True, kw_only=True):
    """A code that was redeemed."""

    code: str = ""


class FulfilledLine(Payload, frozen=True, kw_only=True):
    """A line inside a fulfillment and how many of it are in the parcel."""

    id: int
    quantity: int = 1


class FulfillmentPayload(Payload, frozen=True, kw_only=True):
    """`fulfillments/create`, `fulfillments/update`, and those inside an order."""

    id: int
    order_id: int
    created_at: datetime
    updated_at: datetime
    status: str = "success"
    name: str = ""
    shipment_status: str | None = None
    tracking_company: str | None = None
    tracking_number: str | None = None
    tracking_numbers: list[str] = msgspec.field(default_factory=list)
    tracking_url: str | None = None
    tracking_urls: list[str] = msgspec.field(default_factory=list)
    line_items: list[FulfilledLine] = msgspec.field(default_factory=list)


class RefundedLine(Payload, frozen=True, kw_only=True):
    """A line that was refunded and how many of it."""

    line_item_id: int
    quantity: int = 0


class RefundPayload(Payload, frozen=True, kw_only=True):
    """`refunds/create`, and those inside an order."""

    id: int
    order_id: int
    created_at: datetime
    refund_line_items: list[RefundedLine] = msgspec.field(default_factory=list)


class ShippingLine(Payload, frozen=True, kw_only=True):
    """A shipping method and what it cost."""

    title: str | None = None
    price: str = "0"


class OrderPayload(Payload, frozen=True, kw_only=True):
    """`orders/create`, `updated`, `paid`, `cancelled`, `fulfilled`."""

    id: int
    name: str
    currency: str
    created_at: datetime
    updated_at: datetime
    line_items: list[OrderLinePayload]
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    confirmation_number: str | None = None
    checkout_token: str | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer_locale: str | None = None
    customer: CustomerPayload | None = None
    financial_status: str | None = None
    payment_gateway_names: list[str] = msgspec.field(default_factory=list)
    fulfillment_status: str | None = None
    source_name: str | None = None
    test: bool = False
    taxes_included: bool = False
    subtotal_price: str = "0"
    current_total_price: str | None = None
    total_price: str = "0"
    total_tax: str = "0"
    total_discounts: str = "0"
    total_shipping_price_set: PriceSet | None = None
    shipping_lines: list[ShippingLine] = msgspec.field(default_factory=list)
    shipping_address: Address | None = None
    billing_address: Address | None = None
    company: CompanyPayload | None = None
    note_attributes: list[Attribute] = msgspec.field(default_factory=list)
    discount_codes: list[DiscountCode] = msgspec.field(default_factory=list)
    fulfillments: list[FulfillmentPayload] = msgspec.field(default_factory=list)
    refunds: list[RefundPayload] = msgspec.field(default_factory=list)
    order_status_url: str | None = None
    buyer_accepts_marketing: bool | None = None
    tags: str = ""


class FulfillmentEventPayload(Payload, frozen=True, kw_only=True):
    """`fulfillment_events/create`: a carrier's scan; `status` in lower case."""

    id: int
    fulfillment_id: int
    status: str
    happened_at: datetime
    order_id: int | None = None
    message: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None
    zip: str | None = None
    estimated_delivery_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ConsentPayload(Payload, frozen=True, kw_only=True):
    """`customers_email_marketing_consent/update`."""

    customer_id: int
    email_address: str | None = None
    email_marketing_consent: Consent


class VariantPayload(Payload, frozen=True, kw_only=True):
    """A variant inside a product."""

    id: int
    title: str = ""
    sku: str | None = None
    price: str = "0"
    inventory_quantity: int | None = None
    inventory_management: str | None = None
    inventory_policy: str | None = None
    requires_shipping: bool = True
    image_id: int | None = None


class ImagePayload(Payload, frozen=True, kw_only=True):
    """A picture of a product."""

    id: int | None = None
    src: str = ""
    variant_ids: list[int] = msgspec.field(default_factory=list)


class ProductPayload(Payload, frozen=True, kw_only=True):
    """`products/create`, `products/update`."""

    id: int
    title: str
    updated_at: datetime
    handle: str = ""
    product_type: str | None = None
    vendor: str | None = None
    status: str = "active"
    tags: str | list[str] = ""
    image: ImagePayload | None = None
    images: list[ImagePayload] = msgspec.field(default_factory=list)
    variants: list[VariantPayload] = msgspec.field(default_factory=list)


class ProductDeletedPayload(Payload, frozen=True, kw_only=True):
    """`products/delete`."""

    id: int


class ShopPayload(Payload, frozen=True, kw_only=True):
    """`shop/update` and `app/uninstalled`: the shop's own data."""

    id: int
    name: str = ""
    domain: str | None = None
    myshopify_domain: str | None = None
    email: str | None = None
    customer_email: str | None = None
    currency: str | None = None
    iana_timezone: str | None = None
    country_code: str | None = None
    primary_locale: str | None = None


class ScopesPayload(Payload, frozen=True, kw_only=True):
    """`app/scopes_update`: what the merchant granted until now and from now on."""

    current: list[str]
    previous: list[str] = msgspec.field(default_factory=list)
    updated_at: datetime | None = None


def order(body: Body) -> OrderPayload:
    """Decode an order."""
    return decode(body, OrderPayload)


def fulfillment(body: Body) -> FulfillmentPayload:
    """Decode a fulfillment."""
    return decode(body, FulfillmentPayload)


def fulfillment_event(body: Body) -> FulfillmentEventPayload:
    """Decode a carrier's scan."""
    return decode(body, FulfillmentEventPayload)


def refund(body: Body) -> RefundPayload:
    """Decode a refund."""
    return decode(body, RefundPayload)


def customer(body: Body) -> CustomerPayload:
    """Decode a customer."""
    return decode(body, CustomerPayload)


def consent(body: Body) -> ConsentPayload:
    """Decode a change of e-mail marketing consent."""
    return decode(body, ConsentPayload)


def product(body: Body) -> ProductPayload:
    """Decode a product."""
    return decode(body, ProductPayload)


def product_deleted(body: Body) -> ProductDeletedPayload:
    """Decode which product is gone."""
    return decode(body, ProductDeletedPayload)


def shop(body: Body) -> ShopPayload:
    """Decode the shop's own data."""
    return decode(body, ShopPayload)


def scopes(body: Body) -> ScopesPayload:
    """Decode a change of granted scopes."""
    return decode(body, ScopesPayload)


def decode(body: Body, shape: type[T]) -> T:
    """A body as a shape (some numbers arrive as text, by topic and version), or `GiveUp`."""
    try:
        if isinstance(body, bytes):
            return msgspec.json.decode(body, type=shape, strict=False)
        return msgspec.convert(body, shape, strict=False)
    except msgspec.ValidationError as error:
        raise GiveUp(f"payload: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GiveUp(f"payload: not JSON ({error})") from error


def gid_number(gid: str) -> int:
    """The number at the end of a GID (`gid://shopify/Order/42` → 42); plain numbers pass."""
    tail = gid.rsplit("/", 1)[-1].split("?", 1)[0]
    if not tail.isdigit():
        raise GiveUp("payload: not a Shopify id")
    return int(tail)


def gid(kind: str, number: int) -> str:
    """The GID of a number: `gid("Order", 42)`."""
    return f"gid://shopify/{kind}/{number}"
