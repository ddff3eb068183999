"""The compliance topics: what shoppers and leaving shops may ask of every app."""

from __future__ import annotations

import msgspec

from app.shopify.payloads import Body, Payload, decode


class RedactedCustomer(Payload, frozen=True, kw_only=True):
    """Whom a compliance request is about."""

    id: int | None = None
    email: str | None = None
    phone: str | None = None


class DataRequest(Payload, frozen=True, kw_only=True):
    """The number under which the shop's owner asked."""

    id: int | None = None


class CompliancePayload(Payload, frozen=True, kw_only=True):
    """`customers/data_request`, `customers/redact`, `shop/redact`."""

    shop_domain: str
    shop_id: int | None = None
    customer: RedactedCustomer | None = None
    orders_requested: list[int] = msgspec.field(default_factory=list)
    orders_to_redact: list[int] = msgspec.field(default_factory=list)
    data_request: DataRequest | None = None


def read(body: Body) -> CompliancePayload:
    """Decode a compliance request."""
    return decode(body, CompliancePayload)
