"""The named verbs: everything this app ever asks of Shopify's Admin API.

Each takes a `ShopClient` (from `shops.tokens.client`, outside any unit of work: this is network)
and answers with plain values. Ids are Shopify's numbers; discounts and codes keep their GIDs,
which nobody counts with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec

from app.core.errors import GiveUp
from app.shopify.client import ShopClient
from app.shopify.order_nodes import order_of
from app.shopify.payloads import PlanPayload, gid, gid_number
from app.shopify.product_nodes import FoundProduct, FoundVariant, product_of
from app.shopify.selling_plans import plans_of

__all__ = ["FoundProduct", "FoundVariant", "ShopClient"]


@dataclass(frozen=True)
class ShopInfo:
    """What Shopify says about the store, and what the merchant granted."""

    name: str
    domain: str
    storefront_url: str
    contact_email: str | None
    currency: str
    timezone: str
    country: str | None
    scopes: str


@dataclass(frozen=True)
class OrderDetails:
    """What an order's webhooks lack."""

    shopify_id: int
    updated_at: datetime
    checkout_token: str | None
    confirmation_number: str | None
    locale: str | None
    status_url: str | None
    customer_orders: int | None
    customer_tags: list[str] | None
    estimated_delivery: dict[int, datetime]
    plans: dict[int, PlanPayload] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page of anything, and where the next begins; None at the end. `returning` are the numbers
    of those orders on it that have, or had, returns."""

    items: list[Any]
    after: str | None
    returning: tuple[int, ...] = ()


@dataclass(frozen=True)
class CodeCreation:
    """How far a bulk creation of codes is: the ids of what exists, the codes that failed."""

    done: bool
    ids: dict[str, str]
    failed: dict[str, str]


def shop_info(client: ShopClient) -> ShopInfo:
    """Who the store is."""
    data = client.run("shop_info")
    shop, app = data["shop"], data.get("currentAppInstallation") or {}
    scopes = ",".join(scope["handle"] for scope in app.get("accessScopes") or [])
    return ShopInfo(
        name=shop["name"],
        domain=shop["myshopifyDomain"],
        storefront_url=shop["primaryDomain"]["url"],
        contact_email=shop.get("contactEmail"),
        currency=shop["currencyCode"],
        timezone=shop["ianaTimezone"],
        country=(shop.get("shopAddress") or {}).get("countryCodeV2"),
        scopes=scopes,
    )


def order_details(client: ShopClient, shopify_id: int) -> OrderDetails:
    """What an order's webhooks lack; raises `GiveUp` when Shopify does not know the order."""
    order = client.run("order_for_tracking", id=gid("Order", shopify_id)).get("order")
    if order is None:
        raise GiveUp("order_for_tracking: Shopify does not know this order")
    customer = order.get("customer") or {}
    count = customer.get("numberOfOrders")
    return OrderDetails(
        shopify_id=gid_number(order["id"]),
        updated_at=_moment(order["updatedAt"]),
        checkout_token=order.get("checkoutToken"),
        confirmation_number=order.get("confirmationNumber"),
        locale=order.get("customerLocale"),
        status_url=order.get("statusPageUrl"),
        customer_orders=int(count) if count is not None else None,
        customer_tags=customer.get("tags"),
        estimated_delivery={
            gid_number(parcel["id"]): _moment(parcel["estimatedDeliveryAt"])
            for parcel in order.get("fulfillments") or []
            if parcel.get("estimatedDeliveryAt")
        },
        plans=plans_of(client, order["lineItems"]["nodes"]),
    )


def orders_placed(
    client: ShopClient, since: datetime, until: datetime, after: str | None = None
) -> Page:
    """A page of the orders placed from `since` until `until` as `OrderPayload`, the newest first:
    the newest alone knows how many its customer has placed."""
    query = f"created_at:>='{_stamp(since)}' created_at:<'{_stamp(until)}'"
    return _orders(client, query, "CREATED_AT", reverse=True, after=after)


def orders_changed(client: ShopClient, since: datetime, after: str | None = None) -> Page:
    """A page of the orders that changed since a moment as `OrderPayload`, oldest change first."""
    return _orders(client, f"updated_at:>='{_stamp(since)}'", "UPDATED_AT", False, after)


def _orders(client: ShopClient, query: str, sort: str, reverse: bool, after: str | None) -> Page:
    found = client.run("orders_page", q=query, sort=sort, reverse=reverse, after=after)["orders"]
    nodes = found["nodes"]
    returning = [gid_number(one["id"]) for one in nodes if one["returnStatus"] != "NO_RETURN"]
    lines = [_all_lines(client, node) for node in nodes]
    plans = plans_of(client, chain.from_iterable(lines))
    orders = [order_of(node, some, plans) for node, some in zip(nodes, lines, strict=True)]
    return Page(orders, next_page(found), tuple(returning))


def _all_lines(client: ShopClient, node: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an order, those beyond its page's included: a line that is missing would count
    as taken out of the order."""
    lines, after = list(node["lineItems"]["nodes"]), next_page(node["lineItems"])
    while after is not None:
        more = client.run("order_lines", id=node["id"], after=after)["order"]["lineItems"]
        lines, after = lines + more["nodes"], next_page(more)
    return lines


def products_page(client: ShopClient, after: str | None = None) -> Page:
    """A page of the catalogue as `FoundProduct`."""
    found = client.run("products_page", after=after)["products"]
    return _page(found, [product_of(node) for node in found["nodes"]])


def create_discount(
    client: ShopClient,
    *,
    title: str,
    code: str,
    percent: int,
    variants: Sequence[int],
    starts_at: datetime,
    ends_at: datetime,
    product: int | None = None,
) -> str:
    """A discount for whoever holds a code: on these variants, of which several have to be bought
    together; without any on a product, or on everything. Each code works once. Returns its GID.
    `code` is the first of its codes (Shopify wants one); `ends_at` is the backstop."""
    least = {"quantity": {"greaterThanOrEqualToQuantity": str(len(variants))}}
    payload = client.change(
        "create_discount",
        "discountCodeBasicCreate",
        discount={
            "title": title,
            "code": code,
            "startsAt": starts_at.isoformat(),
            "endsAt": ends_at.isoformat(),
            "usageLimit": 1,
            "appliesOncePerCustomer": False,
            "context": {"all": "ALL"},
            "customerGets": {
                "value": {"percentage": percent / 100},
                "items": _items(variants, product),
            },
            **({"minimumRequirement": least} if len(variants) > 1 else {}),
            "combinesWith": {
                "orderDiscounts": False,
                "productDiscounts": False,
                "shippingDiscounts": True,
            },
        },
    )
    return str(payload["codeDiscountNode"]["id"])


def _items(variants: Sequence[int], product: int | None) -> dict[str, Any]:
    """What a discount is on, as Shopify asks for it."""
    if variants:
        chosen = {"productVariantsToAdd": [gid("ProductVariant", one) for one in variants]}
    elif product is not None:
        chosen = {"productsToAdd": [gid("Product", product)]}
    else:
        return {"all": True}
    return {"products": chosen}


def find_discount(client: ShopClient, code: str) -> str | None:
    """The GID of the discount that a code belongs to; None when no discount has it."""
    node = client.run("find_discount", code=code).get("codeDiscountNodeByCode")
    return str(node["id"]) if node else None


def add_codes(client: ShopClient, discount: str, codes: Sequence[str]) -> str:
    """Add codes to a discount (at most 250 a call); returns the GID of the creation, which
    Shopify carries out in its own time: see `code_creation`."""
    payload = client.change(
        "add_codes",
        "discountRedeemCodeBulkAdd",
        id=discount,
        codes=[{"code": code} for code in codes],
    )
    return str(payload["bulkCreation"]["id"])


def code_creation(client: ShopClient, creation: str) -> CodeCreation:
    """How far a bulk creation is."""
    ids: dict[str, str] = {}
    failed: dict[str, str] = {}
    after: str | None = None
    while True:
        found = client.run("code_creation", id=creation, after=after).get(
            "discountRedeemCodeBulkCreation"
        )
        if found is None:
            raise GiveUp("code_creation: Shopify does not know this creation")
        for node in found["codes"]["nodes"]:
            if node.get("discountRedeemCode"):
                ids[node["code"]] = node["discountRedeemCode"]["id"]
            elif node.get("errors"):
                failed[node["code"]] = "; ".join(e["message"] for e in node["errors"])
        after = next_page(found["codes"])
        if after is None:
            return CodeCreation(bool(found["done"]), ids, failed)


def find_redeem_codes(
    client: ShopClient, discount: str, codes: Sequence[str] | None = None
) -> dict[str, str]:
    """The GIDs of a discount's codes by code; of all, or of `codes` as far as they exist."""
    found: dict[str, str] = {}
    after: str | None = None
    while True:
        node = client.run("find_codes", id=discount, after=after).get("discountNode") or {}
        page = (node.get("discount") or {}).get("codes")
        if page is None:
            return {}
        found.update({code["code"]: code["id"] for code in page["nodes"]})
        after = next_page(page)
        if after is None:
            wanted = None if codes is None else set(codes)
            return {k: v for k, v in found.items() if wanted is None or k in wanted}


def remove_codes(client: ShopClient, discount: str, ids: Sequence[str]) -> None:
    """Remove codes by their GIDs; a code that is gone already is no error."""
    client.change("remove_codes", "discountCodeRedeemCodeBulkDelete", id=discount, ids=list(ids))


def deactivate_discount(client: ShopClient, discount: str) -> None:
    """End a campaign with all its codes."""
    client.change("deactivate_discount", "discountCodeDeactivate", id=discount)


def update_email_consent(
    client: ShopClient, customer_shopify_id: int, *, subscribed: bool, at: datetime
) -> None:
    """Tell Shopify whether a customer wants marketing mail."""
    client.change(
        "email_consent",
        "customerEmailMarketingConsentUpdate",
        input={
            "customerId": gid("Customer", customer_shopify_id),
            "emailMarketingConsent": {
                "marketingState": "SUBSCRIBED" if subscribed else "UNSUBSCRIBED",
                "marketingOptInLevel": "SINGLE_OPT_IN",
                "consentUpdatedAt": at.isoformat(),
            },
        },
    )


def update_sms_consent(
    client: ShopClient, customer_shopify_id: int, *, subscribed: bool, at: datetime
) -> None:
    """Tell Shopify whether a customer wants marketing by SMS; it wants their number first."""
    client.change(
        "sms_consent",
        "customerSmsMarketingConsentUpdate",
        input={
            "customerId": gid("Customer", customer_shopify_id),
            "smsMarketingConsent": {
                "marketingState": "SUBSCRIBED" if subscribed else "UNSUBSCRIBED",
                "marketingOptInLevel": "SINGLE_OPT_IN",
                "consentUpdatedAt": at.isoformat(),
            },
        },
    )


def set_phone(client: ShopClient, customer_shopify_id: int, number: str) -> None:
    """Give a customer without a number the one they typed, in E.164."""
    client.change(
        "set_phone",
        "customerUpdate",
        input={"id": gid("Customer", customer_shopify_id), "phone": number},
    )


def _page(found: dict[str, Any], items: list[Any]) -> Page:
    return Page(items, next_page(found))


def next_page(connection: dict[str, Any]) -> str | None:
    """Where the next page of a connection begins; None at its end."""
    info = connection["pageInfo"]
    return info["endCursor"] if info["hasNextPage"] else None


def _stamp(moment: datetime) -> str:
    """A time as Shopify's search writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(text: str) -> datetime:
    return msgspec.convert(text, datetime)
