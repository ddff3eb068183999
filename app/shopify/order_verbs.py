"""The named verbs about returns and tags. See `gateway`."""

from __future__ import annotations

from typing import Literal

from app.shopify.client import ShopClient
from app.shopify.gateway import Page, next_page
from app.shopify.payloads import gid, gid_number
from app.shopify.returns import FoundReturn, of_node

Tagged = Literal["Order", "Customer"]


def find_return(client: ShopClient, number: int) -> FoundReturn | None:
    """A return as it stands; None when Shopify knows none of that number."""
    node = client.run("find_return", id=gid("Return", number)).get("return")
    return of_node(node, node["order"]["id"]) if node else None


def order_returns(client: ShopClient, order: int) -> list[FoundReturn]:
    """All returns of an order; none when Shopify does not know it."""
    node = client.run("order_returns", id=gid("Order", order)).get("order")
    return [of_node(one, node["id"]) for one in node["returns"]["nodes"]] if node else []


def orders_returning(client: ShopClient, status: str, after: str | None = None) -> Page:
    """A page of the numbers of the orders with this return status."""
    query = f"return_status:{status}"
    found = client.run("orders_returning", q=query, after=after)["orders"]
    return Page([gid_number(node["id"]) for node in found["nodes"]], next_page(found))


def add_tag(client: ShopClient, kind: Tagged, number: int, tag: str) -> None:
    """Tag an order or a customer; what has the tag already stays as it is. Needs `write_orders`, or
    `write_customers`."""
    client.change("add_tags", "tagsAdd", id=gid(kind, number), tags=[tag])


def remove_tag(client: ShopClient, kind: Tagged, number: int, tag: str) -> None:
    """Take a tag off; what does not have it stays as it is."""
    client.change("remove_tags", "tagsRemove", id=gid(kind, number), tags=[tag])
