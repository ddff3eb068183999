"""Errands to Shopify: what webhooks lack, and the catalogue of a store that installed us."""

from __future__ import annotations

from app.core.db import unit_of_work
from app.core.queue import ring
from app.mirror import queries, service
from app.mirror.events import OrderPlaced
from app.shopify import gateway
from app.shops import tokens
from app.shops.events import ShopInstalled


def enrich(shop_id: int, event: OrderPlaced) -> None:
    """Fetch what the order's webhooks lack: the checkout it came out of, its status page."""
    if event.order_id is None:
        return
    with unit_of_work(shop_id) as session:
        shopify_id = queries.order(session, event.order_id).shopify_id
    details = gateway.order_details(tokens.client(shop_id), shopify_id)
    with unit_of_work(shop_id) as session:
        service.enrich(session, shopify_id, details)


def begin_import(shop_id: int, _event: ShopInstalled) -> None:
    """Begin to read the orders from before the install; the bell goes on with it."""
    with unit_of_work(shop_id) as session:
        service.begin_import(session)
        ring(session, "mirror.catch_up", str(shop_id))


def backfill(shop_id: int, _event: ShopInstalled) -> None:
    """Read the catalogue of a store that installed us."""
    read_catalogue(shop_id)


def read_catalogue(shop_id: int) -> None:
    """Read the whole catalogue, a page a unit of work."""
    client = tokens.client(shop_id)
    # The shop's row may not know its currency yet: it was installed a moment ago.
    currency = gateway.shop_info(client).currency
    after: str | None = None
    while True:
        page = gateway.products_page(client, after)
        with unit_of_work(shop_id) as session:
            for found in page.items:
                service.keep_found(session, found, currency)
        after = page.after
        if after is None:
            return
