"""The shops' bells."""

from __future__ import annotations

import structlog

from app.core.db import unit_of_work
from app.core.errors import GiveUp, NotFound, TryLater
from app.core.queue import ring_now
from app.shops import service, tokens

log = structlog.get_logger(__name__)


def learn_prefix(shop_id: str, prefix: str) -> None:
    """Note where on the store's domain our pages lie."""
    with unit_of_work(int(shop_id)) as session:
        service.note_proxy_prefix(session, prefix)


def nightly() -> None:
    """Ring for every shop alone: one that fails or is slow holds up no other."""
    for shop_id in tokens.everyone():
        ring_now("shops.keep", str(shop_id))


def keep(shop_id: str) -> None:
    """Keep our access alive while nobody opens the app, and learn what the store says anew."""
    try:
        tokens.keep_alive(int(shop_id))
        tokens.learn(int(shop_id))
    except (GiveUp, TryLater, NotFound) as error:
        # The next night tries again, and until then every request of the shop does.
        log.warning("shop_not_kept", shop_id=int(shop_id), reason=str(error))
