"""Errands to Shopify: tags that the warehouse sees on the order."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.inserts import tagging
from app.inserts.events import TaggingAsked, TagsChanged
from app.shopify import order_verbs
from app.shops import tokens


def ask_rights(shop_id: int, _event: TaggingAsked) -> None:
    """See at Shopify whether we may; nobody believes a browser. Then tag what waits."""
    tokens.learn(shop_id)
    with unit_of_work(shop_id) as session:
        tagging.look_at_all(session)


def put_tags(shop_id: int, event: TagsChanged) -> None:
    """Take off what an order is no longer to have, and put on what it is to have."""
    with unit_of_work(shop_id) as session:
        task = tagging.task(session, event.order_id or 0)
    if task is None:
        return
    client = tokens.client(shop_id)
    for tag in task.off:
        order_verbs.remove_tag(client, "Order", task.order, tag)
    for tag in task.on:
        order_verbs.add_tag(client, "Order", task.order, tag)
    with unit_of_work(shop_id) as session:
        tagging.note(session, event.order_id or 0, task)
