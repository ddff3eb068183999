"""The named verb that makes a present real. See `gateway`."""

from __future__ import annotations

from datetime import datetime

from app.shopify.client import ShopClient
from app.shopify.payloads import gid


def create_free_shipping(
    client: ShopClient,
    *,
    title: str,
    code: str,
    customer: int,
    starts_at: datetime,
    ends_at: datetime,
) -> str:
    """A code that frees one order of this customer (Shopify's number) of its shipping fee, beside
    whatever makes the goods cheaper. Returns its GID."""
    payload = client.change(
        "create_free_shipping",
        "discountCodeFreeShippingCreate",
        discount={
            "title": title,
            "code": code,
            "startsAt": starts_at.isoformat(),
            "endsAt": ends_at.isoformat(),
            "usageLimit": 1,
            "appliesOncePerCustomer": True,
            "context": {"customers": {"add": [gid("Customer", customer)]}},
            "destination": {"all": True},
            "combinesWith": {
                "orderDiscounts": True,
                "productDiscounts": True,
                "shippingDiscounts": False,
            },
        },
    )
    return str(payload["codeDiscountNode"]["id"])
