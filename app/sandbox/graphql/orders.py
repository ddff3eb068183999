"""Orders and what belongs to them as GraphQL nodes."""

from __future__ import annotations

from typing import Any

from app.sandbox import payloads
from app.sandbox.graphql import nodes
from app.sandbox.graphql.context import Context, Node
from app.sandbox.graphql.shapes import bag, connection, gid, listed
from app.sandbox.parcels import estimated_day, reached
from app.sandbox.returns import find as find_returns
from app.sandbox.returns import status_of
from app.sandbox.shops import find_variant
from app.sandbox.store import Document

FINANCIAL = {"pending": "PENDING", "paid": "PAID", "refunded": "REFUNDED", "voided": "VOIDED",
             "partially_refunded": "PARTIALLY_REFUNDED"}  # fmt: skip
FULFILLMENT = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED"}
SCANNED = {
    None: "FULFILLED", "carrier_picked_up": "CARRIER_PICKED_UP", "in_transit": "IN_TRANSIT",
    "out_for_delivery": "OUT_FOR_DELIVERY", "attempted_delivery": "ATTEMPTED_DELIVERY",
    "delayed": "DELAYED", "delivered": "DELIVERED", "failure": "FAILURE",
    "confirmed": "CONFIRMED", "label_printed": "LABEL_PRINTED",
    "label_purchased": "LABEL_PURCHASED", "ready_for_pickup": "READY_FOR_PICKUP",
}  # fmt: skip
SEARCH = {
    "updated_at": "updated_at", "created_at": "created_at", "processed_at": "processed_at",
    "name": "name", "id": "id", "email": "email", "financial_status": "financial_status",
    "customer_id": "customer_id", "test": "test", "tag": "tags", "status": "shop",
    "confirmation_number": "confirmation_number", "source_name": "source_name",
    "return_status": "return_status",
}  # fmt: skip
SORTS = {
    "UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "processed_at",
    "ID": "id", "ORDER_NUMBER": "number",
}  # fmt: skip


def listing(context: Context, **args: Any) -> Node:
    """A connection of orders; `status:any` and no status are the same here."""
    where = {"customer_id": args.pop("customer_id")} if "customer_id" in args else {}
    documents = context.work.find("order", context.domain, **where)
    if "return_status:" in (args.get("query") or ""):
        documents = [{**one, **_return_status(context, one)} for one in documents]
    args["query"] = (args.get("query") or "").replace("status:any", "").strip()
    args["query"] = args["query"].removeprefix("AND ").removesuffix(" AND")
    page = listed(documents, order, args, SEARCH, SORTS)
    found: Node = page(context, **args)
    return found


def _return_status(context: Context, doc: Document) -> Document:
    return {"return_status": status_of(find_returns(context.work, context.domain, doc["id"]))}


def order(doc: Document) -> Node:
    """Order."""
    currency = doc["currency"]
    lines = {line["id"]: line for line in doc["lines"]}
    return {
        **_plain(doc), **_sums(doc, currency),
        "customer": lambda c: nodes.find_customer(c.work, c.shop, doc["customer_id"]),
        "shippingAddress": nodes.mailing_address(doc["shipping_address"]),
        "billingAddress": nodes.mailing_address(doc["billing_address"]),
        "lineItems": connection([line_item(one, currency) for one in doc["lines"]]),
        "fulfillments": lambda _c, **a: _some(
            [fulfillment(doc, one, lines) for one in doc["fulfillments"]], a
        ),
        "fulfillmentOrders": connection(_fulfillment_orders(doc)),
        "refunds": lambda _c, **a: _some([refund(doc, one) for one in doc["refunds"]], a),
        "returns": lambda c, **a: _returns(c, doc, a),
        "returnStatus": lambda c: status_of(find_returns(c.work, c.domain, doc["id"])).upper(),
        "shippingLine": _shipping_line(doc),
        "checkoutToken": doc["checkout_token"],
        "statusPageUrl": lambda _c, **_a: doc["status_url"],
    }  # fmt: skip


def _returns(context: Context, doc: Document, args: dict[str, Any]) -> Node:
    from app.sandbox.graphql import returns

    page: Node = connection(returns.of_order(context, doc["id"]))(context, **args)
    return page


def _some(found: list[Node], args: dict[str, Any]) -> list[Node]:
    first = args.get("first")
    return found if first is None else found[:first]


def _plain(doc: Document) -> Node:
    status = FULFILLMENT[doc["fulfillment_status"]]
    return {
        "__typename": "Order", "id": gid("Order", doc["id"]), "legacyResourceId": str(doc["id"]),
        "name": doc["name"], "number": doc["number"],
        "confirmationNumber": doc["confirmation_number"], "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"], "processedAt": doc["processed_at"],
        "cancelledAt": doc["cancelled_at"], "closedAt": doc["closed_at"],
        "cancelReason": doc["cancel_reason"] and doc["cancel_reason"].upper(),
        "test": doc["test"], "taxesIncluded": lambda c: bool(c.shop["tax_included"]),
        "email": doc["email"], "phone": doc["phone"], "note": doc["note"],
        "tags": doc["tags"], "customerLocale": doc["locale"], "sourceName": doc["source_name"],
        "currencyCode": doc["currency"], "presentmentCurrencyCode": doc["currency"],
        "displayFinancialStatus": FINANCIAL[doc["financial_status"]],
        "displayFulfillmentStatus": status, "fullyPaid": doc["paid"], "confirmed": True,
        "unpaid": not doc["paid"], "closed": False,
        "requiresShipping": any(line["requires_shipping"] for line in doc["lines"]),
        "discountCodes": [one["code"] for one in doc["discount_codes"]],
        "customAttributes": [
            {"key": key, "value": value} for key, value in doc["note_attributes"].items()
        ],
        "paymentGatewayNames": [payloads.GATEWAYS[doc["payment"]]],
    }  # fmt: skip


def _sums(doc: Document, currency: str) -> Node:
    left = doc["total"] - doc["refunded"]
    return {
        "totalPriceSet": bag(doc["total"], currency),
        "currentTotalPriceSet": bag(left, currency),
        "subtotalPriceSet": bag(doc["subtotal"], currency),
        "totalShippingPriceSet": bag(doc["shipping"], currency),
        "totalTaxSet": bag(doc["tax"], currency),
        "totalDiscountsSet": bag(doc["discount"], currency),
        "totalRefundedSet": bag(doc["refunded"], currency),
        "totalOutstandingSet": bag(0 if doc["paid"] else left, currency),
    }


def line_item(line: Document, currency: str) -> Node:
    """LineItem."""
    full = f"{line['title']} - {line['variant_title']}" if line["variant_title"] else line["title"]
    quantity = line["quantity"]
    return {
        "__typename": "LineItem", "id": gid("LineItem", line["id"]), "name": full,
        "title": line["title"], "variantTitle": line["variant_title"] or None,
        "sku": line["sku"], "quantity": quantity, "currentQuantity": line["current_quantity"],
        "refundableQuantity": line["current_quantity"], "vendor": line["vendor"],
        "unfulfilledQuantity": line["fulfillable_quantity"],
        "requiresShipping": line["requires_shipping"], "isGiftCard": line["gift_card"],
        "taxable": True, "image": nodes.image(line["image"], line["id"]),
        "sellingPlan": _selling_plan(line.get("plan")),
        "originalUnitPriceSet": bag(line["price"], currency),
        "originalTotalSet": bag(line["price"] * quantity, currency),
        "discountedTotalSet": lambda _c, **_a: bag(line["total"], currency),
        "totalDiscountSet": bag(line["discount"], currency),
        "customAttributes": [
            {"key": key, "value": value} for key, value in line["properties"].items()
        ],
        "variant": lambda c: _variant(c, line), "product": lambda c: _product(c, line),
    }  # fmt: skip


def _selling_plan(plan: Document | None) -> Node | None:
    return plan and {"name": plan["name"], "sellingPlanId": gid("SellingPlan", plan["id"])}


def _variant(context: Context, line: Document) -> Node | None:
    found = find_variant(context.work, context.domain, line["variant_id"])
    return found and nodes.variant(*found, context.currency)


def _product(context: Context, line: Document) -> Node | None:
    found = context.work.get("product", context.domain, line["product_id"])
    return found and nodes.product(found, context.currency)


def fulfillment(doc: Document, sent: Document, lines: dict[int, Document]) -> Node:
    """Fulfillment."""
    tracking = {"company": sent["company"], "number": sent["number"], "url": sent["url"]}
    return {
        "__typename": "Fulfillment", "id": gid("Fulfillment", sent["id"]),
        "legacyResourceId": str(sent["id"]), "name": sent["name"],
        "status": sent["status"].upper(), "displayStatus": SCANNED[sent["shipment_status"]],
        "createdAt": sent["created_at"], "updatedAt": sent["updated_at"],
        "deliveredAt": reached(sent, "delivered"), "inTransitAt": reached(sent, "in_transit"),
        "estimatedDeliveryAt": estimated_day(sent),
        "totalQuantity": sum(one["quantity"] for one in sent["lines"]),
        "requiresShipping": any(
            lines[one["line_id"]]["requires_shipping"] for one in sent["lines"]
        ),
        "trackingInfo": lambda _c, **a: _some([tracking] if sent["number"] else [], a),
        "fulfillmentLineItems": connection(
            [
                {"id": gid("FulfillmentLineItem", one["line_id"]), "quantity": one["quantity"],
                 "lineItem": line_item(lines[one["line_id"]], doc["currency"])}
                for one in sent["lines"]
            ]
        ),
        "events": lambda c, **a: _events(c, sent, a),
        "order": lambda _c: order(doc),
    }  # fmt: skip


def _events(context: Context, sent: Document, args: dict[str, Any]) -> Node:
    found = sorted(sent["events"], key=lambda one: (one["happened_at"], one["id"]))
    if args.get("reverse"):
        found.reverse()
    page: Node = connection([event(one) for one in found])(context, **args)
    return page


def event(scan: Document) -> Node:
    """FulfillmentEvent."""
    return {
        "__typename": "FulfillmentEvent", "id": gid("FulfillmentEvent", scan["id"]),
        "status": scan["status"].upper(), "message": scan["message"], "city": scan["city"],
        "province": scan["province"], "country": scan["country"], "zip": scan["zip"],
        "address1": None, "latitude": None, "longitude": None,
        "happenedAt": scan["happened_at"], "createdAt": scan["created_at"],
        "estimatedDeliveryAt": scan["estimated_at"],
    }  # fmt: skip


def _fulfillment_orders(doc: Document) -> list[Node]:
    open_now = any(line["fulfillable_quantity"] for line in doc["lines"])
    status = "CANCELLED" if doc["cancelled_at"] else "OPEN" if open_now else "CLOSED"
    return [
        {
            "id": gid("FulfillmentOrder", doc["id"] + 2), "status": status,
            "requestStatus": "UNSUBMITTED", "fulfillAt": doc["created_at"], "fulfillBy": None,
            "createdAt": doc["created_at"], "updatedAt": doc["updated_at"],
        }
    ]  # fmt: skip


def refund(doc: Document, given: Document) -> Node:
    """Refund."""
    currency, lines = doc["currency"], {line["id"]: line for line in doc["lines"]}
    return {
        "__typename": "Refund", "id": gid("Refund", given["id"]), "note": given["note"],
        "createdAt": given["created_at"], "updatedAt": given["created_at"],
        "totalRefundedSet": bag(given["amount"], currency),
        "refundLineItems": connection(
            [
                {"id": gid("RefundLineItem", one["line_id"]), "quantity": one["quantity"],
                 "lineItem": line_item(lines[one["line_id"]], currency)}
                for one in given["lines"]
            ]
        ),
    }  # fmt: skip


def _shipping_line(doc: Document) -> Node | None:
    if not doc["shipping_title"]:
        return None
    return {
        "id": gid("ShippingLine", doc["id"] + 1), "title": doc["shipping_title"],
        "code": doc["shipping_title"], "originalPriceSet": bag(doc["shipping"], doc["currency"]),
    }  # fmt: skip
