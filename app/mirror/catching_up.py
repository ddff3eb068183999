"""Ask Shopify for the orders that no webhook told of. Network: no transaction is open meanwhile."""

from __future__ import annotations

import time

from app.core.db import unit_of_work
from app.mirror import returning, service
from app.mirror.model import OrderImport
from app.mirror.service.imports import begin_import, changes_since
from app.shopify import gateway
from app.shopify.client import ShopClient
from app.shops import service as shops
from app.shops import tokens

#: A turn's length; whoever has more to read rings for another, behind the others.
TURN_S = 60.0


def catch_up(shop_id: int) -> bool:
    """Read what changed since the last look, then the past; answers whether all is read. A page is
    a unit of work, so that nothing is read twice when Shopify or we break off."""
    until = time.monotonic() + TURN_S
    with unit_of_work(shop_id) as session:
        if not shops.is_installed(shops.shop(session)):
            return True
        state = begin_import(session)
    client, returns = tokens.client(shop_id), returning.granted(shop_id)
    return _changes(client, shop_id, state, until, returns) and _past(client, shop_id, state, until)


def _changes(
    client: ShopClient, shop_id: int, state: OrderImport, until: float, returns: bool
) -> bool:
    after: str | None = None
    since = changes_since(state)
    while True:
        page = gateway.orders_changed(client, since, after)
        with unit_of_work(shop_id) as session:
            service.keep_changed(session, page.items)
        if returns:
            returning.look_at(client, shop_id, page.returning)
        after = page.after
        if after is None:
            return True
        if time.monotonic() > until:
            return False


def _past(client: ShopClient, shop_id: int, state: OrderImport, until: float) -> bool:
    after, finished = state.cursor, state.finished_at is not None
    while not finished:
        if time.monotonic() > until:
            return False
        page = gateway.orders_placed(client, state.since, state.until, after)
        with unit_of_work(shop_id) as session:
            service.keep_past(session, page.items, page.after)
        after, finished = page.after, page.after is None
    return True
