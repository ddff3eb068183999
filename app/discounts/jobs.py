"""The discounts room's bells."""

from __future__ import annotations

from app.core.claim import sweep
from app.discounts import upkeep
from app.discounts.model import DiscountCode, DiscountPool


def open_pools() -> None:
    """Every shop with an offer gets a pool for today."""
    upkeep.open_pools()


def tend() -> None:
    """Pools get their discount and their codes at Shopify."""
    upkeep.tend_pools()


def remove_expired() -> None:
    """Codes whose time is over are removed at Shopify."""
    upkeep.remove_expired()


def give_back_lost() -> None:
    """Return what a worker died over to the queue."""
    sweep(DiscountPool)
    sweep(DiscountCode)
