"""What can be bought at this moment, by Shopify's own count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.shopify.client import ShopClient
from app.shopify.payloads import gid, gid_number


def sold_out(client: ShopClient, wanted: Mapping[int, int]) -> set[int]:
    """Those of the variants (Shopify's id → how many) that cannot be bought now, in that number."""
    ids = [gid("ProductVariant", number) for number in wanted]
    found = {gid_number(node["id"]): node for node in client.run("stock", ids=ids)["nodes"] if node}
    return {
        number
        for number, quantity in wanted.items()
        if number not in found or not _has(found[number], quantity)
    }


def _has(node: Mapping[str, Any], quantity: int) -> bool:
    if not node["availableForSale"] or node["product"]["status"] != "ACTIVE":
        return False
    counted = (node.get("inventoryItem") or {}).get("tracked", True)
    enough = (node.get("inventoryQuantity") or 0) >= quantity
    return not counted or node["inventoryPolicy"] == "CONTINUE" or enough
