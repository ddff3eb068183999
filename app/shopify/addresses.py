"""The named verbs about where an order goes. See `gateway`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import GiveUp
from app.shopify.client import ShopClient
from app.shopify.order_nodes import PLACE
from app.shopify.payloads import gid

#: Nothing of the order has been packed or sent, by Shopify's word.
WITH_THE_SHOP = frozenset({"UNFULFILLED", "OPEN", "ON_HOLD", "SCHEDULED", "REQUEST_DECLINED"})
#: Our fields of an address → those of Shopify's input.
_INPUT = {
    "first_name": "firstName", "last_name": "lastName", "company": "company", "phone": "phone",
    "address1": "address1", "address2": "address2", "city": "city", "zip": "zip",
    "province_code": "provinceCode", "country_code": "countryCode",
}  # fmt: skip


@dataclass(frozen=True)
class OrderAddress:
    """Where an order goes as Shopify has it, in the words of its webhooks; `waits` while nothing of
    it was packed or sent."""

    address: dict[str, Any]
    waits: bool
    cancelled: bool


def order_address(client: ShopClient, order: int) -> OrderAddress:
    """Where an order goes now; raises `GiveUp` when Shopify does not know it."""
    node = client.run("order_address", id=gid("Order", order)).get("order")
    if node is None:
        raise GiveUp("order_address: Shopify does not know this order")
    return _read(node)


def change_address(client: ShopClient, order: int, address: Mapping[str, Any]) -> OrderAddress:
    """Have an order go somewhere else; answers what Shopify made of it. Needs `write_orders`;
    raises `GiveUp` when Shopify does not take the address."""
    given = {theirs: address.get(ours) or "" for ours, theirs in _INPUT.items()}
    said = client.change(
        "change_address",
        "orderUpdate",
        input={"id": gid("Order", order), "shippingAddress": given},
    )
    return _read(said["order"])


def _read(node: Mapping[str, Any]) -> OrderAddress:
    place = node.get("shippingAddress") or {}
    return OrderAddress(
        address={ours: place[theirs] for ours, theirs in PLACE.items() if place.get(theirs)},
        waits=node["displayFulfillmentStatus"] in WITH_THE_SHOP,
        cancelled=node.get("cancelledAt") is not None,
    )
