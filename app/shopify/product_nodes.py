"""A product as Shopify's API tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from app.shopify.payloads import gid_number


@dataclass(frozen=True)
class FoundVariant:
    """A variant of the catalogue; `price` in the shop's currency."""

    shopify_id: int
    title: str
    sku: str
    price: Decimal
    available: bool
    inventory: int | None
    requires_shipping: bool
    cost: Decimal | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class FoundProduct:
    """A product of the catalogue."""

    shopify_id: int
    title: str
    handle: str
    product_type: str
    vendor: str
    tags: list[str]
    collections: list[str]
    status: str
    image_url: str | None
    updated_at: datetime
    variants: list[FoundVariant]


def product_of(node: dict[str, Any]) -> FoundProduct:
    """A product of the catalogue with its variants."""
    picture = ((node.get("featuredMedia") or {}).get("preview") or {}).get("image") or {}
    return FoundProduct(
        shopify_id=gid_number(node["id"]),
        title=node["title"],
        handle=node["handle"],
        product_type=node.get("productType") or "",
        vendor=node.get("vendor") or "",
        tags=list(node.get("tags") or []),
        collections=[one["handle"] for one in node["collections"]["nodes"]],
        status=str(node["status"]).lower(),
        image_url=picture.get("url"),
        updated_at=msgspec.convert(node["updatedAt"], datetime),
        variants=[_variant(variant) for variant in node["variants"]["nodes"]],
    )


def _variant(node: dict[str, Any]) -> FoundVariant:
    item = node.get("inventoryItem") or {}
    return FoundVariant(
        shopify_id=gid_number(node["id"]),
        title=node.get("title") or "",
        sku=node.get("sku") or "",
        price=Decimal(str(node["price"])),
        available=bool(node["availableForSale"]),
        inventory=node.get("inventoryQuantity") if item.get("tracked", True) else None,
        requires_shipping=bool(item.get("requiresShipping", True)),
        cost=_cost(item),
        updated_at=msgspec.convert(node["updatedAt"], datetime) if node.get("updatedAt") else None,
    )


def _cost(item: dict[str, Any]) -> Decimal | None:
    """What one costs the shop, in the shop's currency; None where the merchant never said."""
    cost = (item.get("unitCost") or {}).get("amount")
    return Decimal(str(cost)) if cost is not None else None
