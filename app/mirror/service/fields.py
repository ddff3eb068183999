"""Shopify's fields as our columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from app.core.errors import GiveUp
from app.core.money import parse_money
from app.mirror import rules
from app.mirror.model import OrderLine
from app.shopify import payloads

#: The columns of an order row before its first payload was applied.
EMPTY_ORDER: dict[str, Any] = {
    "subtotal_minor": 0,
    "shipping_minor": 0,
    "tax_minor": 0,
    "discount_minor": 0,
    "total_minor": 0,
    "taxes_included": True,
    "financial_status": "pending",
    "test": False,
    "note_attributes": {},
    "discount_codes": [],
}


def minor(amount: str, currency: str) -> int:
    """Minor units of one of Shopify's decimal strings."""
    try:
        return parse_money(amount, currency).minor
    except ValueError as error:
        raise GiveUp(f"payload: {error}") from error


def of_order(said: payloads.OrderPayload) -> dict[str, Any]:
    """What an order's payload says that is no personal data."""
    currency = said.currency
    return {
        "name": said.name,
        "confirmation_number": said.confirmation_number,
        "locale": said.customer_locale,
        "currency": currency,
        "subtotal_minor": minor(said.subtotal_price, currency),
        "shipping_minor": _shipping(said),
        "tax_minor": minor(said.total_tax, currency),
        "discount_minor": minor(said.total_discounts, currency),
        "total_minor": minor(said.total_price, currency),
        "current_total_minor": (
            minor(said.current_total_price, currency) if said.current_total_price else None
        ),
        "taxes_included": said.taxes_included,
        "fulfillment_status": said.fulfillment_status,
        "source_name": said.source_name,
        "test": said.test,
        "placed_at": said.processed_at or said.created_at,
        "discount_codes": [used.code for used in said.discount_codes if used.code],
        "source_updated_at": said.updated_at,
        # Shopify's own company, which only webhooks name.
        **({"for_company": True} if said.company is not None else {}),
    }


def personal_of_order(said: payloads.OrderPayload) -> dict[str, Any]:
    """What an order's payload says about a person."""
    return {
        "email": said.email or said.contact_email or None,
        "phone": said.phone,
        "shipping_address": _address(said.shipping_address),
        "billing_company": (said.billing_address and said.billing_address.company) or None,
        "note_attributes": rules.without_birth_year(named(said.note_attributes)),
        "status_url": said.order_status_url,
    }


def of_line(said: payloads.OrderLinePayload, currency: str) -> dict[str, Any]:
    """What a payload says about one line."""
    left = said.quantity if said.current_quantity is None else said.current_quantity
    return {
        "product_shopify_id": said.product_id,
        "variant_shopify_id": said.variant_id,
        "title": said.title,
        "variant_title": said.variant_title or "",
        "sku": said.sku or "",
        "quantity": said.quantity,
        "said_quantity": left,
        "price_minor": minor(said.price, currency),
        "discount_minor": minor(said.total_discount, currency),
        "requires_shipping": said.requires_shipping,
        "gift_card": said.gift_card,
        # Webhooks do not say it, which takes nothing back.
        **(of_plan(said.plan) if said.plan else {}),
    }


def of_plan(said: payloads.PlanPayload) -> dict[str, Any]:
    """What is said about the selling plan a line was bought with."""
    kind = said.kind[:24] if said.kind else None
    return {"plan_name": said.name, "plan_kind": kind, "plan_days": said.days}


def kept(line: OrderLine) -> int:
    """What of a line its buyer keeps."""
    return rules.kept(line.quantity, said(line), line.returned_quantity or 0)


def said(line: OrderLine) -> int:
    """What of a line is left by the payloads' word, returns aside."""
    return line.current_quantity if line.said_quantity is None else line.said_quantity


def of_fulfillment(said: payloads.FulfillmentPayload) -> dict[str, Any]:
    """What a payload says about a fulfillment, its time aside."""
    return {
        "name": said.name,
        "status": said.status,
        "shipment_status": said.shipment_status,
        "company": said.tracking_company,
        "tracking_number": said.tracking_number or next(iter(said.tracking_numbers), None),
        "tracking_url": said.tracking_url or next(iter(said.tracking_urls), None),
        "lines": [
            {"line_shopify_id": line.id, "quantity": line.quantity} for line in said.line_items
        ],
    }


def named(attributes: Iterable[payloads.Attribute]) -> dict[str, Any]:
    """Attributes by name; nameless ones say nothing."""
    return {one.name: one.value for one in attributes if one.name}


def with_consent(
    said: payloads.CustomerPayload, consent: payloads.Consent | None
) -> payloads.CustomerPayload:
    """The customer's payload with another consent in it."""
    return msgspec.structs.replace(said, email_marketing_consent=consent)


def _address(said: payloads.Address | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {name: value for name, value in msgspec.structs.asdict(said).items() if value}


def _shipping(said: payloads.OrderPayload) -> int:
    if said.total_shipping_price_set is not None:
        return minor(said.total_shipping_price_set.shop_money.amount, said.currency)
    return sum(minor(line.price, said.currency) for line in said.shipping_lines)
