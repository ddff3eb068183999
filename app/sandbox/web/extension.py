"""What a UI extension is given on the thank-you page and on the order status page: the values
behind its signals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.core.locale import choose_locale
from app.core.money import Money
from app.sandbox.blocks import Extension

THANK_YOU = "purchase.thank-you.block.render"
ORDER_STATUS = "customer-account.order-status.block.render"
Data = dict[str, Any]


def data(
    target: str, block: Extension, shop: Data, checkout: Data, order: Data, *, host: str
) -> Data:
    """Everything the stand-in runtime needs, as JSON."""
    language = checkout["locale"] or shop["locale"]
    words, fallback = block.words(choose_locale(language, shop["locale"]))
    return {
        "target": target,
        "apiVersion": block.api_version,
        "capabilities": list(block.capabilities),
        "scriptUrl": "extension.js",
        "host": host,
        "language": language,
        "currency": checkout["currency"],
        "timezone": shop["zone"],
        "words": words,
        "fallbackWords": fallback,
        "shop": _shop(shop),
        "localization": _localization(shop, checkout, language),
        "cost": _cost(checkout),
        "signals": {**_signals(block, shop, checkout), **OWN[target](order)},
    }


def _shop(shop: Data) -> Data:
    return {
        "id": f"gid://shopify/Shop/{shop['id']}",
        "name": shop["name"],
        "myshopifyDomain": shop["domain"],
        "storefrontUrl": shop["primary_url"],
    }


def _localization(shop: Data, checkout: Data, language: str) -> Data:
    return {
        "language": {"isoCode": language},
        "extensionLanguage": {"isoCode": choose_locale(language, shop["locale"])},
        "country": {"isoCode": shop["country"]},
        "currency": {"isoCode": checkout["currency"]},
        "timezone": shop["zone"],
        "market": None,
    }


def _cost(checkout: Data) -> Data:
    currency = checkout["currency"]
    return {
        "subtotalAmount": _money(checkout["subtotal"], currency),
        "totalShippingAmount": _money(checkout["shipping"], currency),
        "totalTaxAmount": _money(checkout["tax"], currency),
        "totalAmount": _money(checkout["total"], currency),
    }


def _confirmed(order: Data) -> Data:
    return {
        "orderConfirmation": {
            "order": {"id": f"gid://shopify/Order/{order['id']}"},
            "number": order["confirmation_number"],
            "isFirstOrder": order["first"],
        }
    }


def _placed(order: Data) -> Data:
    return {
        "order": {
            "id": f"gid://shopify/Order/{order['id']}",
            "name": order["name"],
            "confirmationNumber": order["confirmation_number"],
            "processedAt": order["created_at"],
            "cancelledAt": order["cancelled_at"],
        },
        "authenticationState": "pre_authenticated",
    }


#: What each place knows of its own beside what both do.
OWN = {THANK_YOU: _confirmed, ORDER_STATUS: _placed}


def _signals(block: Extension, shop: Data, checkout: Data) -> Data:
    return {
        "checkoutToken": checkout["token"],
        "lines": [_line(line, at, checkout, shop) for at, line in enumerate(checkout["lines"], 1)],
        "attributes": [
            {"key": key, "value": value} for key, value in checkout["attributes"].items()
        ],
        "discountCodes": [{"code": code} for code in checkout["discount_codes"]],
        "note": checkout["note"],
        "settings": dict(block.defaults),
    }


def _line(line: Data, at: int, checkout: Data, shop: Data) -> Data:
    image = line["image"]
    return {
        "id": f"gid://shopify/CartLine/{at}",
        "quantity": line["quantity"],
        "cost": {"totalAmount": _money(line["total"], checkout["currency"])},
        "attributes": [{"key": key, "value": value} for key, value in line["properties"].items()],
        "discountAllocations": [],
        "lineComponents": [],
        "parentRelationship": None,
        "merchandise": {
            "type": "variant",
            "id": f"gid://shopify/ProductVariant/{line['variant_id']}",
            "title": line["title"],
            "subtitle": line["variant_title"],
            "sku": line["sku"],
            "image": image and {"url": image["src"], "altText": image["alt"]},
            "requiresShipping": line["requires_shipping"],
            "selectedOptions": [],
            "product": {
                "id": f"gid://shopify/Product/{line['product_id']}",
                "vendor": shop["name"],
                "productType": "",
            },
        },
    }


def _money(minor: int, currency: str) -> Data:
    amount: Decimal = Money(minor, currency).decimal
    return {"amount": float(amount), "currencyCode": currency}
