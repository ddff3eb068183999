"""An order as Shopify's API tells it, turned into what its webhooks say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.shopify.payloads import OrderPayload, PlanPayload, gid_number, order

Node = dict[str, Any]

#: The API's words for how much of an order was sent, in the webhooks' words.
FULFILLMENT = {
    "FULFILLED": "fulfilled",
    "PARTIALLY_FULFILLED": "partial",
    "RESTOCKED": "restocked",
}
#: What an API says of a parcel that no carrier has spoken of yet.
SILENT = {"FULFILLED", "SUBMITTED", "MARKED_AS_FULFILLED", "NOT_DELIVERED", "CANCELED"}
PLACE = {
    "first_name": "firstName",
    "last_name": "lastName",
    "name": "name",
    "company": "company",
    "phone": "phone",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "province": "province",
    "province_code": "provinceCode",
    "zip": "zip",
    "country": "country",
    "country_code": "countryCodeV2",
}


def order_of(
    node: Node, lines: Sequence[Node], plans: Mapping[int, PlanPayload] | None = None
) -> OrderPayload:
    """The payload of an order with all its lines, and the plans they were bought with; raises
    `GiveUp` when it is none."""
    number = gid_number(node["id"])
    return order(
        {
            **_plain(node, number),
            **_sums(node),
            "customer": _customer(node.get("customer")),
            "shipping_address": _place(node.get("shippingAddress")),
            "billing_address": _place(node.get("billingAddress")),
            "line_items": [_line(line, plans or {}) for line in lines],
            "fulfillments": [_fulfillment(one, number) for one in node.get("fulfillments") or []],
            "refunds": [_refund(one, number) for one in node.get("refunds") or []],
        }
    )


def _plain(node: Node, number: int) -> Node:
    return {
        "id": number,
        "name": node["name"],
        "currency": node["currencyCode"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "processed_at": node.get("processedAt"),
        "cancelled_at": node.get("cancelledAt"),
        "closed_at": node.get("closedAt"),
        "confirmation_number": node.get("confirmationNumber"),
        "checkout_token": node.get("checkoutToken"),
        "email": node.get("email"),
        "phone": node.get("phone"),
        "customer_locale": node.get("customerLocale"),
        "financial_status": (node.get("displayFinancialStatus") or "PENDING").lower(),
        "payment_gateway_names": node.get("paymentGatewayNames") or [],
        "fulfillment_status": FULFILLMENT.get(node.get("displayFulfillmentStatus") or ""),
        "source_name": node.get("sourceName"),
        "test": node["test"],
        "taxes_included": node["taxesIncluded"],
        "order_status_url": node.get("statusPageUrl"),
        "discount_codes": [{"code": code} for code in node.get("discountCodes") or []],
        "note_attributes": _named(node),
    }


def _sums(node: Node) -> Node:
    shipping = (node.get("totalShippingPriceSet") or {}).get("shopMoney")
    return {
        "subtotal_price": _amount(node.get("subtotalPriceSet")),
        "total_price": _amount(node.get("totalPriceSet")),
        "current_total_price": _amount(node.get("currentTotalPriceSet")),
        "total_tax": _amount(node.get("totalTaxSet")),
        "total_discounts": _amount(node.get("totalDiscountsSet")),
        "total_shipping_price_set": shipping
        and {
            "shop_money": {
                "amount": shipping["amount"],
                "currency_code": shipping["currencyCode"],
            }
        },
    }


def _customer(node: Node | None) -> Node | None:
    if node is None:
        return None
    email = node.get("defaultEmailAddress") or {}
    state = email.get("marketingState")
    return {
        "id": gid_number(node["id"]),
        "email": email.get("emailAddress"),
        "phone": (node.get("defaultPhoneNumber") or {}).get("phoneNumber"),
        "first_name": node.get("firstName"),
        "last_name": node.get("lastName"),
        "locale": node.get("locale"),
        "orders_count": node.get("numberOfOrders"),
        "updated_at": node.get("updatedAt"),
        "email_marketing_consent": state
        and {
            "state": state.lower(),
            "opt_in_level": (email.get("marketingOptInLevel") or "").lower() or None,
            "consent_updated_at": email.get("marketingUpdatedAt"),
        },
    }


def _line(node: Node, plans: Mapping[int, PlanPayload]) -> Node:
    plan = plans.get(gid_number(node["id"]))
    return {
        "id": gid_number(node["id"]),
        "plan": plan and msgspec.to_builtins(plan),
        "title": node["title"],
        "variant_title": node.get("variantTitle"),
        "sku": node.get("sku"),
        "quantity": node["quantity"],
        "current_quantity": node["currentQuantity"],
        "price": _amount(node.get("originalUnitPriceSet")),
        "total_discount": _amount(node.get("totalDiscountSet")),
        "product_id": _number(node.get("product")),
        "variant_id": _number(node.get("variant")),
        "requires_shipping": node["requiresShipping"],
        "gift_card": node["isGiftCard"],
        "properties": _named(node),
    }


def _fulfillment(node: Node, order_number: int) -> Node:
    tracking = next(iter(node.get("trackingInfo") or []), None) or {}
    said = node.get("displayStatus")
    return {
        "id": gid_number(node["id"]),
        "order_id": order_number,
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "status": node["status"].lower(),
        "name": node.get("name") or "",
        "shipment_status": said.lower() if said and said not in SILENT else None,
        "tracking_company": tracking.get("company"),
        "tracking_number": tracking.get("number"),
        "tracking_url": tracking.get("url"),
        "line_items": _quantities(node["fulfillmentLineItems"], "id"),
    }


def _refund(node: Node, order_number: int) -> Node:
    return {
        "id": gid_number(node["id"]),
        "order_id": order_number,
        "created_at": node["createdAt"],
        "refund_line_items": _quantities(node["refundLineItems"], "line_item_id"),
    }


def _quantities(connection: Node, name: str) -> list[Node]:
    return [
        {name: gid_number(one["lineItem"]["id"]), "quantity": one["quantity"]}
        for one in connection["nodes"]
    ]


def _place(node: Node | None) -> Node | None:
    return node and {ours: node.get(theirs) for ours, theirs in PLACE.items()}


def _named(node: Node) -> list[Node]:
    return [
        {"name": one["key"], "value": one["value"]} for one in node.get("customAttributes") or []
    ]


def _amount(bag: Node | None) -> str:
    return str(bag["shopMoney"]["amount"]) if bag else "0"


def _number(node: Node | None) -> int | None:
    return gid_number(node["id"]) if node else None
