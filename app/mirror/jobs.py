"""The mirror's bells."""

from __future__ import annotations

import structlog

from app.core.errors import GiveUp, NotFound, TryLater
from app.core.queue import ring_now
from app.mirror import catching_up, errands, returning
from app.shops import tokens

log = structlog.get_logger(__name__)


def reconcile() -> None:
    """Ring for every shop alone: one that fails or is slow holds up no other."""
    for shop_id in tokens.everyone():
        ring_now("mirror.catch_up", str(shop_id))


def catch_up(shop_id: str) -> None:
    """Find the orders that no webhook told of."""
    try:
        if not catching_up.catch_up(int(shop_id)):
            ring_now("mirror.catch_up", shop_id)
    except (GiveUp, TryLater, NotFound) as error:
        # The next reconciliation goes on where this one stopped.
        log.warning("orders_not_caught_up", shop_id=int(shop_id), reason=str(error))


def nightly() -> None:
    """Ring for every shop alone."""
    for shop_id in tokens.everyone():
        ring_now("mirror.read_catalogue", str(shop_id))
        ring_now("mirror.read_returns", str(shop_id))


def read_catalogue(shop_id: str) -> None:
    """Read the catalogue anew: collections and stock change without a webhook of ours."""
    try:
        errands.read_catalogue(int(shop_id))
    except (GiveUp, TryLater, NotFound) as error:
        log.warning("catalogue_not_read", shop_id=int(shop_id), reason=str(error))


def read_returns(shop_id: str) -> None:
    """Look at every open return anew, whatever webhooks told."""
    try:
        returning.look_at_all(int(shop_id))
    except (GiveUp, TryLater, NotFound) as error:
        log.warning("returns_not_read", shop_id=int(shop_id), reason=str(error))
