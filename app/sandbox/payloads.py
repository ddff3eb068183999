"""Shopify's REST-shaped webhook bodies, API 2026-07.

Order webhooks carry no checkout id and no checkout token since March 2026; the app reads
`Order.checkoutToken` by GraphQL instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.money import Money
from app.sandbox.store import Document

GATEWAYS = {
    "card": "shopify_payments",
    "konbini": "コンビニ決済",
    "bank": "銀行振込",
    "cod": "代金引換 (COD)",
    "cash": "cash",
}


def local(shop: Document, stamp: str | None) -> str | None:
    """A time as REST writes it: in the shop's zone, with its offset."""
    if stamp is None:
        return None
    return datetime.fromisoformat(stamp).astimezone(ZoneInfo(shop["zone"])).isoformat()


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def money(minor: int, currency: str) -> str:
    """An amount as REST writes it: "1980", "19.80"."""
    return str(Money(minor, currency).decimal)


def price_set(minor: int, currency: str) -> Document:
    """An amount in both currencies, which are one here."""
    amount = {"amount": money(minor, currency), "currency_code": currency}
    return {"shop_money": amount, "presentment_money": dict(amount)}


def _both(name: str, minor: int, currency: str) -> Document:
    return {name: money(minor, currency), f"{name}_set": price_set(minor, currency)}


def tax_lines(lines: list[Document], currency: str) -> list[Document]:
    """Taxes per rate."""
    return [
        {
            "title": one["title"], "rate": one["rate"], "channel_liable": False,
            "price": money(one["amount"], currency),
            "price_set": price_set(one["amount"], currency),
        }
        for one in lines
    ]  # fmt: skip


def address(given: Document | None) -> Document | None:
    """An address; its keys are REST's already."""
    return None if given is None else dict(given)


def consent(known: Document, shop: Document) -> Document:
    """What a customer said about marketing by e-mail."""
    return {
        "state": known["marketing_state"],
        "opt_in_level": known["marketing_level"],
        "consent_updated_at": local(shop, known["marketing_updated_at"]),
    }


def email_consent(shop: Document, known: Document) -> Document:
    """`customers_email_marketing_consent/update`."""
    return {
        "customer_id": known["id"],
        "email_address": known["email"],
        "email_marketing_consent": consent(known, shop),
    }


def _said_of_sms(known: Document, shop: Document) -> Document:
    return {
        "state": known.get("sms_state", "not_subscribed"),
        "opt_in_level": "single_opt_in",
        "consent_updated_at": local(shop, known.get("sms_updated_at")),
        "consent_collected_from": "SHOPIFY",
    }


def sms_consent(shop: Document, known: Document) -> Document:
    """`customers_marketing_consent/update`: SMS, despite its name."""
    return {
        "id": known["id"],
        "phone": known["phone"],
        "sms_marketing_consent": _said_of_sms(known, shop),
    }


def customer(shop: Document, known: Document) -> Document:
    """`customers/create`, `customers/update`."""
    addresses = [
        {**one, "id": index + 1, "customer_id": known["id"], "default": index == 0}
        for index, one in enumerate(known["addresses"])
    ]
    return {
        "id": known["id"], "admin_graphql_api_id": gid("Customer", known["id"]),
        "created_at": local(shop, known["created_at"]),
        "updated_at": local(shop, known["updated_at"]),
        "first_name": known["first_name"], "last_name": known["last_name"], "state": "disabled",
        "note": None, "verified_email": True, "multipass_identifier": None, "tax_exempt": False,
        "email": known["email"], "phone": known["phone"], "currency": shop["currency"],
        "addresses": addresses, "default_address": addresses[0] if addresses else None,
        "tax_exemptions": [], "email_marketing_consent": consent(known, shop),
        "sms_marketing_consent": _said_of_sms(known, shop) if known["phone"] else None,
    }  # fmt: skip


def _line(line: Document, currency: str) -> Document:
    state = line["fulfilled_quantity"] and (
        "fulfilled" if line["fulfilled_quantity"] >= line["quantity"] else "partial"
    )
    name = f"{line['title']} - {line['variant_title']}" if line["variant_title"] else line["title"]
    properties = [{"name": key, "value": value} for key, value in line["properties"].items()]
    allocations = [
        {
            "amount": money(one["amount"], currency), "discount_application_index": 0,
            "amount_set": price_set(one["amount"], currency),
        }
        for one in line["allocations"]
    ]  # fmt: skip
    return {
        "id": line["id"], "admin_graphql_api_id": gid("LineItem", line["id"]),
        "attributed_staffs": [], "current_quantity": line["current_quantity"],
        "fulfillable_quantity": line["fulfillable_quantity"], "fulfillment_service": "manual",
        "fulfillment_status": state or None, "gift_card": line["gift_card"],
        "grams": line["grams"], "name": name, **_both("price", line["price"], currency),
        "product_exists": True, "product_id": line["product_id"], "properties": properties,
        "quantity": line["quantity"], "requires_shipping": line["requires_shipping"],
        "sales_line_item_group_id": None, "sku": line["sku"], "taxable": True,
        "title": line["title"], **_both("total_discount", line["discount"], currency),
        "variant_id": line["variant_id"], "variant_inventory_management": "shopify",
        "variant_title": line["variant_title"] or None, "vendor": line["vendor"],
        "tax_lines": [], "duties": [], "discount_allocations": allocations,
    }  # fmt: skip


def _shipping_lines(placed: Document) -> list[Document]:
    if not placed["shipping_title"]:
        return []
    currency, price = placed["currency"], placed["shipping"]
    return [
        {
            "id": placed["id"] + 1, "carrier_identifier": None, "code": placed["shipping_title"],
            "discounted_price": money(price, currency),
            "discounted_price_set": price_set(price, currency), "is_removed": False,
            "phone": None, **_both("price", price, currency),
            "requested_fulfillment_service_id": None, "source": "shopify",
            "title": placed["shipping_title"], "tax_lines": [], "discount_allocations": [],
        }
    ]  # fmt: skip


def _sums(placed: Document) -> Document:
    currency = placed["currency"]
    left = placed["total"] - placed["refunded"]
    sums = {
        "subtotal_price": placed["subtotal"], "total_discounts": placed["discount"],
        "total_line_items_price": placed["subtotal"] + placed["discount"],
        "total_price": placed["total"], "total_tax": placed["tax"],
        "current_subtotal_price": max(placed["subtotal"] - placed["refunded"], 0),
        "current_total_discounts": placed["discount"], "current_total_price": left,
        "current_total_tax": placed["tax"] if left else 0,
    }  # fmt: skip
    found: Document = {}
    for name, minor in sums.items():
        found.update(_both(name, minor, currency))
    return {
        **found,
        "total_shipping_price_set": price_set(placed["shipping"], currency),
        "total_outstanding": money(0 if placed["paid"] else left, currency),
        "total_tip_received": money(0, currency),
        "total_weight": sum(line["grams"] * line["quantity"] for line in placed["lines"]),
    }


def _times(shop: Document, doc: Document, *names: str) -> Document:
    return {name: local(shop, doc[name]) for name in names}


def order(shop: Document, placed: Document, known: Document | None) -> Document:
    """`orders/…`."""
    currency = placed["currency"]
    codes = [
        {"code": one["code"], "amount": money(one["amount"], currency), "type": one["type"]}
        for one in placed["discount_codes"]
    ]
    return {
        "id": placed["id"], "admin_graphql_api_id": gid("Order", placed["id"]), "app_id": 580111,
        "browser_ip": None, "buyer_accepts_marketing": placed["marketing"],
        "cancel_reason": placed["cancel_reason"], "cart_token": None, "client_details": None,
        "company": None, "confirmation_number": placed["confirmation_number"], "confirmed": True,
        "contact_email": placed["email"], "currency": currency, "presentment_currency": currency,
        "customer_locale": placed["locale"], "device_id": None, "discount_codes": codes,
        "duties_included": False, "email": placed["email"], "estimated_taxes": False,
        "financial_status": placed["financial_status"],
        "fulfillment_status": placed["fulfillment_status"], "landing_site": placed["landing_site"],
        "landing_site_ref": placed["ref"], "location_id": placed["location_id"],
        "merchant_business_entity_id": None, "merchant_of_record_app_id": None,
        "name": placed["name"], "note": placed["note"],
        "note_attributes": [
            {"name": name, "value": value} for name, value in placed["note_attributes"].items()
        ],
        "number": placed["number"] - 1000, "order_number": placed["number"],
        "order_status_url": placed["status_url"], "payment_gateway_names": _gateway(placed),
        "payment_terms": None, "phone": placed["phone"], "po_number": None, "reference": None,
        "referring_site": None, "source_identifier": None, "source_name": placed["source_name"],
        "source_url": None, "tags": ", ".join(placed["tags"]), "tax_exempt": False,
        "tax_lines": tax_lines(placed["tax_lines"], currency),
        "taxes_included": shop["tax_included"], "test": placed["test"], "token": placed["token"],
        "user_id": None, **_sums(placed),
        **_times(shop, placed, "created_at", "updated_at", "processed_at", "cancelled_at",
                 "closed_at"),
        "billing_address": address(placed["billing_address"]),
        "shipping_address": address(placed["shipping_address"]),
        "customer": customer(shop, known) if known else None,
        "discount_applications": [
            {"type": "discount_code", "code": one["code"], "target_type": "line_item",
             "target_selection": "entitled", "allocation_method": "across",
             "value": one["amount"], "value_type": one["type"]}
            for one in codes
        ],
        "fulfillments": [fulfillment(shop, placed, one) for one in placed["fulfillments"]],
        "line_items": [_line(line, currency) for line in placed["lines"]],
        "refunds": [refund(shop, placed, one) for one in placed["refunds"]],
        "returns": [], "shipping_lines": _shipping_lines(placed),
    }  # fmt: skip


def _gateway(placed: Document) -> list[str]:
    return [GATEWAYS[placed["payment"]]]


def fulfillment(shop: Document, placed: Document, sent: Document) -> Document:
    """`fulfillments/create`, `fulfillments/update`, and the fulfillments within an order."""
    lines = {line["id"]: line for line in placed["lines"]}
    items = [
        {**_line(lines[one["line_id"]], placed["currency"]), "quantity": one["quantity"]}
        for one in sent["lines"]
    ]
    return {
        "id": sent["id"], "admin_graphql_api_id": gid("Fulfillment", sent["id"]),
        "order_id": placed["id"], "location_id": shop["location_id"], "name": sent["name"],
        "origin_address": {}, "receipt": {}, "service": "manual",
        "shipment_status": sent["shipment_status"], "status": sent["status"],
        "tracking_company": sent["company"], "tracking_number": sent["number"],
        "tracking_numbers": [sent["number"]] if sent["number"] else [],
        "tracking_url": sent["url"], "tracking_urls": [sent["url"]] if sent["url"] else [],
        "email": placed["email"], "destination": address(placed["shipping_address"]),
        **_times(shop, sent, "created_at", "updated_at"), "line_items": items,
    }  # fmt: skip


def fulfillment_event(shop: Document, placed: Document, sent: Document, scan: Document) -> Document:
    """`fulfillment_events/create`."""
    return {
        "id": scan["id"], "admin_graphql_api_id": gid("FulfillmentEvent", scan["id"]),
        "fulfillment_id": sent["id"], "order_id": placed["id"], "shop_id": shop["id"],
        "status": scan["status"], "message": scan["message"], "city": scan["city"],
        "province": scan["province"], "country": scan["country"], "zip": None, "address1": None,
        "latitude": None, "longitude": None,
        "happened_at": local(shop, scan["happened_at"]),
        "estimated_delivery_at": local(shop, scan["estimated_at"]),
        "created_at": local(shop, scan["created_at"]),
        "updated_at": local(shop, scan["created_at"]),
    }  # fmt: skip


def refund(shop: Document, placed: Document, given: Document) -> Document:
    """`refunds/create`, and the refunds within an order."""
    currency = placed["currency"]
    lines = {line["id"]: line for line in placed["lines"]}
    items = [
        {
            "id": given["id"] + index + 1, "line_item_id": one["line_id"],
            "quantity": one["quantity"], "restock_type": "return", "location_id": None,
            "subtotal": money(one["amount"], currency),
            "subtotal_set": price_set(one["amount"], currency), "total_tax": money(0, currency),
            "line_item": _line(lines[one["line_id"]], currency),
        }
        for index, one in enumerate(given["lines"])
    ]  # fmt: skip
    paid_back = {
        "id": given["id"], "admin_graphql_api_id": gid("OrderTransaction", given["id"]),
        "amount": money(given["amount"], currency), "kind": "refund", "status": "success",
        "gateway": _gateway(placed)[0], "currency": currency, "order_id": placed["id"],
        "created_at": local(shop, given["created_at"]), "test": placed["test"],
    }  # fmt: skip
    return {
        "id": given["id"], "admin_graphql_api_id": gid("Refund", given["id"]),
        "order_id": placed["id"], "note": given["note"], "restock": True, "user_id": None,
        **_times(shop, given, "created_at"), "processed_at": local(shop, given["created_at"]),
        "duties": [], "order_adjustments": [], "return": None, "refund_line_items": items,
        "transactions": [paid_back] if given["amount"] else [],
    }  # fmt: skip


def product(shop: Document, sold: Document) -> Document:
    """`products/create`, `products/update`."""
    images = [
        {"id": sold["id"] + 100 + index, "position": index + 1, "product_id": sold["id"],
         "src": one["src"], "alt": one["alt"], "width": one["width"], "height": one["height"]}
        for index, one in enumerate(sold["images"])
    ]  # fmt: skip
    names = list(sold["variants"][0]["options"])
    return {
        "id": sold["id"], "admin_graphql_api_id": gid("Product", sold["id"]),
        "title": sold["title"], "body_html": sold["description"], "vendor": sold["vendor"],
        "product_type": sold["type"], "handle": sold["handle"], "tags": ", ".join(sold["tags"]),
        "status": sold["status"], "template_suffix": None, "published_scope": "web",
        **_times(shop, sold, "created_at", "updated_at"),
        "published_at": local(shop, sold["created_at"]),
        "options": [
            {"name": name, "position": index + 1,
             "values": [one["options"][name] for one in sold["variants"]]}
            for index, name in enumerate(names)
        ],
        "variants": [_variant(shop, sold, one, at) for at, one in enumerate(sold["variants"], 1)],
        "images": images, "image": images[0] if images else None,
    }  # fmt: skip


def _variant(shop: Document, sold: Document, one: Document, position: int) -> Document:
    currency, values = shop["currency"], list(one["options"].values())
    return {
        "id": one["id"], "admin_graphql_api_id": gid("ProductVariant", one["id"]),
        "product_id": sold["id"], "title": one["title"] or "Default Title",
        "price": money(one["price"], currency), "position": position, "sku": one["sku"],
        "compare_at_price": money(one["compare_at"], currency) if one["compare_at"] else None,
        "inventory_policy": "deny", "inventory_quantity": one["inventory"], "taxable": True,
        "inventory_item_id": one["id"] + 1, "grams": one["grams"],
        "requires_shipping": one["requires_shipping"],
        **{f"option{index + 1}": value for index, value in enumerate(values)},
        **_times(shop, sold, "created_at", "updated_at"),
    }  # fmt: skip


def shop(doc: Document) -> Document:
    """`app/uninstalled`, `shop/update`."""
    return {
        "id": doc["id"], "name": doc["name"], "email": doc["email"], "domain": doc["domain"],
        "myshopify_domain": doc["domain"], "primary_locale": doc["locale"],
        "currency": doc["currency"], "iana_timezone": doc["zone"], "country": doc["country"],
        "country_code": doc["country"], "phone": doc["phone"], "customer_email": doc["email"],
        "plan_name": doc["plan"], "plan_display_name": doc["plan"].title(),
        "shop_owner": doc["owner"], "taxes_included": doc["tax_included"],
        **{name: doc["address"].get(name) for name in ("address1", "address2", "city", "zip")},
        "created_at": local(doc, doc["created_at"]), "updated_at": local(doc, doc["updated_at"]),
    }  # fmt: skip


def scopes_update(number: int, before: list[str], after: list[str], at: str) -> dict[str, Any]:
    """`app/scopes_update`."""
    return {"id": number, "previous": before, "current": after, "updated_at": at}
