"""Shop, products, customers as GraphQL nodes."""

from __future__ import annotations

from typing import Any

from app.sandbox.graphql.context import Context, Node
from app.sandbox.graphql.shapes import amount, connection, gid, money
from app.sandbox.places import COUNTRIES
from app.sandbox.store import Document, Work


def shop(doc: Document) -> Node:
    """Shop."""
    plus = doc["plan"] in ("plus", "enterprise")
    place = doc["address"]
    return {
        "id": gid("Shop", doc["id"]), "name": doc["name"], "email": doc["email"],
        "contactEmail": doc["email"], "myshopifyDomain": doc["domain"],
        "url": doc["primary_url"], "currencyCode": doc["currency"],
        "ianaTimezone": doc["zone"], "taxesIncluded": doc["tax_included"],
        "primaryDomain": {
            "id": gid("Domain", doc["id"]), "url": doc["primary_url"], "host": doc["domain"],
        },
        "plan": {
            "publicDisplayName": doc["plan"].title(), "partnerDevelopment": False,
            "shopifyPlus": plus,
        },
        "shopAddress": {
            **_address(place), "id": gid("ShopAddress", doc["id"]), "company": doc["name"],
            "phone": doc["phone"],
        },
        "createdAt": doc["created_at"], "updatedAt": doc["updated_at"],
    }  # fmt: skip


def _address(given: Document) -> Node:
    code = given["country_code"]
    return {
        "address1": given["address1"], "address2": given["address2"], "city": given["city"],
        "province": given["province"], "provinceCode": given["province_code"],
        "zip": given["zip"], "country": COUNTRIES.get(code, code), "countryCodeV2": code,
    }  # fmt: skip


def mailing_address(given: Document | None) -> Node | None:
    """MailingAddress."""
    if given is None:
        return None
    return {
        **_address(given), "firstName": given["first_name"], "lastName": given["last_name"],
        "name": given["name"], "company": given["company"], "phone": given["phone"],
        "latitude": given["latitude"], "longitude": given["longitude"],
    }  # fmt: skip


def image(given: Document | None, owner: int) -> Node | None:
    """Image."""
    if given is None:
        return None
    return {
        "id": gid("ImageSource", owner), "url": lambda _c, **_a: given["src"],
        "altText": given["alt"], "width": given["width"], "height": given["height"],
    }  # fmt: skip


def product(doc: Document, currency: str) -> Node:
    """Product."""
    stock = [one["inventory"] for one in doc["variants"] if one["inventory"] is not None]
    variants = [variant(doc, one, currency) for one in doc["variants"]]
    media = [_media(one, doc["id"] + at) for at, one in enumerate(doc["images"])]
    return {
        "__typename": "Product", "id": gid("Product", doc["id"]),
        "legacyResourceId": str(doc["id"]), "title": doc["title"], "handle": doc["handle"],
        "description": lambda _c, **_a: doc["description"],
        "descriptionHtml": doc["description"], "productType": doc["type"],
        "vendor": doc["vendor"], "tags": doc["tags"], "status": doc["status"].upper(),
        "createdAt": doc["created_at"], "updatedAt": doc["updated_at"],
        "publishedAt": doc["created_at"], "totalInventory": sum(stock),
        "tracksInventory": bool(stock), "isGiftCard": False,
        "collections": connection([_collection(handle) for handle in doc.get("collections", ())]),
        "featuredMedia": media[0] if media else None, "media": connection(media),
        "featuredImage": image(doc["image"], doc["id"]),
        "onlineStoreUrl": f"{doc['store_url']}/products/{doc['handle']}",
        "variants": connection(variants),
        "variantsCount": {"count": len(variants), "precision": "EXACT"},
        "hasOnlyDefaultVariant": len(variants) == 1,
    }  # fmt: skip


def _collection(handle: str) -> Node:
    title = handle.replace("-", " ").title()
    number = int.from_bytes(handle.encode()[:6], "big")
    return {"id": gid("Collection", number), "handle": handle, "title": title}


def _media(given: Document, owner: int) -> Node:
    return {
        "__typename": "MediaImage", "id": gid("MediaImage", owner), "alt": given["alt"],
        "mediaContentType": "IMAGE", "status": "READY", "image": image(given, owner),
        "preview": {"image": image(given, owner), "status": "READY"},
    }  # fmt: skip


def variant(doc: Document, one: Document, currency: str) -> Node:
    """ProductVariant."""
    tracked = one["inventory"] is not None
    full = f"{doc['title']} - {one['title']}" if one["title"] else doc["title"]
    return {
        "__typename": "ProductVariant", "id": gid("ProductVariant", one["id"]),
        "legacyResourceId": str(one["id"]), "title": one["title"] or "Default Title",
        "displayName": full, "sku": one["sku"], "price": amount(one["price"], currency),
        "compareAtPrice": amount(one["compare_at"], currency) if one["compare_at"] else None,
        "availableForSale": not tracked or one["inventory"] > 0,
        "inventoryQuantity": one["inventory"] if tracked else 0, "inventoryPolicy": "DENY",
        "taxable": True, "image": image(one["image"], one["id"]),
        "selectedOptions": [
            {"name": name, "value": value} for name, value in one["options"].items()
        ],
        "inventoryItem": {
            "id": gid("InventoryItem", one["id"] + 1), "tracked": tracked, "sku": one["sku"],
            "requiresShipping": one["requires_shipping"],
            "unitCost": (
                None if one.get("cost") is None else money(one["cost"], currency)
            ),
        },
        "product": lambda _c: product(doc, currency), "createdAt": doc["created_at"],
        # What is in stock is no property of the variant: selling it is no update.
        "updatedAt": one.get("updated_at") or doc["updated_at"],
    }  # fmt: skip


def selling_plan(one: Document) -> Node:
    """SellingPlan."""
    recurring = "SellingPlanRecurringBillingPolicy"
    return {
        "__typename": "SellingPlan", "id": gid("SellingPlan", one["id"]), "name": one["name"],
        "category": "SUBSCRIPTION", "options": [one["name"]], "description": None, "position": 1,
        "billingPolicy": {
            "__typename": recurring, "interval": one["interval"], "intervalCount": one["count"],
            "minCycles": None, "maxCycles": None, "anchors": [],
        },
    }  # fmt: skip


def customer(doc: Document, shop_doc: Document) -> Node:
    """Customer."""
    currency = shop_doc["currency"]
    first, last = doc["first_name"], doc["last_name"]
    address = doc["addresses"][0] if doc["addresses"] else None
    return {
        "__typename": "Customer", "id": gid("Customer", doc["id"]),
        "legacyResourceId": str(doc["id"]), "firstName": first, "lastName": last,
        "displayName": " ".join(filter(None, (first, last))) or doc["email"],
        "locale": doc["locale"], "numberOfOrders": str(doc["orders_count"]),
        "amountSpent": money(doc["total_spent"], currency), "tags": doc["tags"],
        "state": "DISABLED", "verifiedEmail": True, "note": None, "email": doc["email"],
        "phone": doc["phone"], "createdAt": doc["created_at"], "updatedAt": doc["updated_at"],
        "defaultEmailAddress": {
            "emailAddress": doc["email"], "marketingState": doc["marketing_state"].upper(),
            "marketingOptInLevel": (doc["marketing_level"] or "").upper() or None,
            "marketingUpdatedAt": doc["marketing_updated_at"], "validFormat": True,
        },
        "defaultPhoneNumber": {"phoneNumber": doc["phone"]} if doc["phone"] else None,
        "defaultAddress": mailing_address(address),
        "orders": lambda context, **args: _orders(context, doc["id"], args),
    }  # fmt: skip


def _orders(context: Context, number: int, args: dict[str, Any]) -> Node:
    # Orders show customers and customers show orders: the module that knows both comes later.
    from app.sandbox.graphql.orders import listing

    return listing(context, customer_id=number, **args)


def find_customer(work: Work, shop_doc: Document, number: int | None) -> Node | None:
    """The customer's node, if there is one."""
    doc = work.get("customer", shop_doc["domain"], number) if number else None
    return doc and customer(doc, shop_doc)
