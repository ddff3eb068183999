"""Cart permalinks: the plain link that opens a store's checkout with goods in it.

Every parameter is Shopify's (shopify.dev, "Create cart permalinks"). Such links are unsigned and
reusable, so whatever must be true is checked before redirecting to one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

#: What a checkout can be told of where it goes; an order's address has the same names.
PLACE = ("first_name", "last_name", "address1", "address2", "city", "province", "country", "zip")


def cart_permalink(
    storefront_url: str,
    lines: Sequence[tuple[int, int]],
    *,
    discount: str | None = None,
    attributes: Mapping[str, str] | None = None,
    ref: str | None = None,
    checkout: Mapping[str, str] | None = None,
) -> str:
    """The link for `lines` of (variant's Shopify id, quantity). `checkout` prefills fields named as
    Shopify names them: `email`, `shipping_address][first_name`, …"""
    cart = ",".join(f"{variant}:{quantity}" for variant, quantity in lines)
    query = [("discount", discount)] if discount else []
    query += [(f"attributes[{key}]", value) for key, value in (attributes or {}).items()]
    query += [(f"checkout[{key}]", value) for key, value in (checkout or {}).items() if value]
    if ref:
        query.append(("ref", ref))
    base = f"{storefront_url.rstrip('/')}/cart/{quote(cart, safe=':,')}"
    return f"{base}?{urlencode(query)}" if query else base


def filled_in(email: str | None, address: Mapping[str, Any] | None) -> dict[str, str]:
    """A checkout's fields as an earlier order had them, for the buyer of that order alone: the
    link that they make holds an address. It leads to the store that has it already."""
    place = address or {}
    fields = {f"shipping_address][{name}": str(place.get(name) or "") for name in PLACE}
    return {"email": email or "", **fields}
