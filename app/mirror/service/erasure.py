"""Forget a person and hand out what is known of one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.inbox import service as inbox
from app.mirror import queries
from app.mirror.model import Customer, Fulfillment, FulfillmentEvent, Order, OrderLine


def erase_person(session: Session, customer: Customer) -> int:
    """Cut a customer's personal data out of the customer, the orders and what hangs on them;
    amounts and products stay for the shop's books. Returns how many rows were cut. The tombstones
    keep late payloads from bringing anything back."""
    moment = now(session)
    customer.email = customer.phone = None
    customer.first_name = customer.last_name = ""
    customer.tags = []
    customer.marketing_state, customer.redacted_at = "redacted", moment
    customer.sms_state = "redacted"
    orders = queries.orders_of(session, customer.id)
    for order in orders:
        order.email = order.phone = order.shipping_address = order.status_url = None
        order.confirmation_number = order.billing_company = None
        order.note_attributes = {
            name: value for name, value in order.note_attributes.items() if name == "okaeri_ref"
        }
        order.redacted_at = moment
    session.flush()
    return 1 + len(orders) + _erase_parts(session, [order.id for order in orders])


def erase_webhooks(session: Session, customer: Customer) -> int:
    """Empty the kept webhooks that told of a customer, their orders, parcels and returns."""
    orders = queries.orders_of(session, customer.id)
    parcels = session.scalars(
        select(Fulfillment.shopify_id).where(Fulfillment.order_id.in_([o.id for o in orders]))
    )
    returned = [one.shopify_id for order in orders for one in queries.returns_of(session, order.id)]
    numbers = [customer.shopify_id, *(order.shopify_id for order in orders), *parcels, *returned]
    addresses = {customer.email, *(order.email for order in orders)} - {None, ""}
    return inbox.erase(session, {*map(str, numbers), *map(str, addresses)})


def _erase_parts(session: Session, order_ids: list[int]) -> int:
    lines = session.execute(
        update(OrderLine)
        .where(OrderLine.order_id.in_(order_ids), OrderLine.attributes != {})
        .values(attributes={})
        .returning(OrderLine.id)
    ).all()
    parcels = select(Fulfillment.id).where(Fulfillment.order_id.in_(order_ids))
    # A tracking number leads to an address at the carrier's.
    numbers = session.execute(
        update(Fulfillment)
        .where(Fulfillment.order_id.in_(order_ids))
        .values(tracking_number=None, tracking_url=None)
        .returning(Fulfillment.id)
    ).all()
    scans = session.execute(
        update(FulfillmentEvent)
        .where(FulfillmentEvent.fulfillment_id.in_(parcels))
        .values(message=None, city=None, province=None)
        .returning(FulfillmentEvent.id)
    ).all()
    return len(lines) + len(numbers) + len(scans)


def export_person(session: Session, customer: Customer) -> dict[str, Any]:
    """What the mirror knows of a customer."""
    return {
        "customer": {
            "id": customer.shopify_id,
            "email": customer.email,
            "phone": customer.phone,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "locale": customer.locale,
            "country": customer.country,
            "tags": customer.tags,
            "marketing_state": customer.marketing_state,
            "marketing_updated_at": customer.marketing_updated_at,
            "sms_state": customer.sms_state,
            "sms_updated_at": customer.sms_updated_at,
        },
        "orders": [_export_order(session, one) for one in queries.orders_of(session, customer.id)],
    }


def _export_order(session: Session, order: Order) -> dict[str, Any]:
    return {
        "id": order.shopify_id,
        "name": order.name,
        "placed_at": order.placed_at,
        "email": order.email,
        "phone": order.phone,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "confirmation_number": order.confirmation_number,
        "status_url": order.status_url,
        "discount_codes": order.discount_codes,
        "shipping_address": order.shipping_address,
        "billing_company": order.billing_company,
        "note_attributes": order.note_attributes,
        "lines": [
            {
                "title": line.title,
                "variant": line.variant_title,
                "selling_plan": line.plan_name,
                "sku": line.sku,
                "quantity": line.quantity,
                "attributes": line.attributes,
            }
            for line in queries.order_lines(session, order.id)
        ],
        "returns": [
            {"name": one.name, "status": one.status, "opened_at": one.opened_at}
            for one in queries.returns_of(session, order.id)
        ],
        "fulfillments": [
            {
                "name": parcel.name,
                "company": parcel.company,
                "tracking_number": parcel.tracking_number,
                "tracking_url": parcel.tracking_url,
                "fulfilled_at": parcel.fulfilled_at,
                "scans": [_export_scan(one) for one in queries.scans_of(session, parcel.id)],
            }
            for parcel in queries.fulfillments_of(session, order.id)
        ],
    }


def _export_scan(scan: FulfillmentEvent) -> dict[str, Any]:
    names = ("status", "message", "city", "province", "happened_at")
    return {name: getattr(scan, name) for name in names}
