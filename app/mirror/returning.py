"""Ask Shopify about returns. Network: no transaction is open meanwhile.

A shop that installed us before we asked for `read_returns` has not granted it yet; Shopify asks its
merchant when they open the app next. Until then nothing here is asked, and afterwards everything
that is open.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.clock import now
from app.core.db import unit_of_work
from app.mirror import queries, service
from app.mirror.events import OrdersImported, ReturnTold
from app.mirror.service import rows
from app.shopify import order_verbs
from app.shopify.client import ShopClient
from app.shopify.verify import covers
from app.shops import service as shops
from app.shops import tokens
from app.shops.events import ScopesChanged

SCOPE = "read_returns"
#: The return statuses of orders about which somebody still has something to do.
OPEN = ("return_requested", "in_progress", "inspection_complete")


def granted(shop_id: int) -> bool:
    """Whether the merchant lets us read returns."""
    with unit_of_work(shop_id) as session:
        home = shops.shop(session)
        return shops.is_installed(home) and covers(home.scopes or "", SCOPE)


def look(shop_id: int, event: ReturnTold) -> None:
    """Fetch the return that a webhook told of: its lines, and how it stands by now."""
    if not granted(shop_id):
        return
    with unit_of_work(shop_id) as session:
        asked_at = now(session)
    found = order_verbs.find_return(tokens.client(shop_id), event.number)
    with unit_of_work(shop_id) as session:
        order = rows.order(session, found.order) if found and found.order else None
        if found is None:
            service.forget_return(session, event.number, asked_at)
        elif order is not None:
            service.keep_return(session, order, found, asked_at)


def on_scopes_changed(shop_id: int, event: ScopesChanged) -> None:
    """The merchant lets us read returns from now on: those that are open already count, too."""
    if SCOPE in event.gained:
        look_at_all(shop_id)


def on_orders_imported(shop_id: int, _event: OrdersImported) -> None:
    """The past is read: what of it is being returned."""
    look_at_all(shop_id)


def look_at_all(shop_id: int) -> None:
    """Fetch every open return, as Shopify knows them and as we do: what one side calls open and
    the other does not was missed."""
    if not granted(shop_id):
        return
    client = tokens.client(shop_id)
    with unit_of_work(shop_id) as session:
        orders = queries.orders_with_open_returns(session)
    for status in OPEN:
        after: str | None = None
        while True:
            page = order_verbs.orders_returning(client, status, after)
            orders.update(page.items)
            after = page.after
            if after is None:
                break
    look_at(client, shop_id, sorted(orders))


def look_at(client: ShopClient, shop_id: int, orders: Iterable[int]) -> None:
    """Fetch the returns of these orders, an order a unit of work."""
    for number in orders:
        with unit_of_work(shop_id) as session:
            asked_at = now(session)
        found = order_verbs.order_returns(client, number)
        with unit_of_work(shop_id) as session:
            service.keep_returns(session, found, number, asked_at)
