"""Errands to Shopify that a shop's coming asks for."""

from __future__ import annotations

from app.shops import tokens
from app.shops.events import ShopInstalled


def learn(shop_id: int, _event: ShopInstalled) -> None:
    """Ask Shopify who the store is, until it says so. The installation has asked once already,
    so that the first page knows; but then Shopify may have been busy."""
    tokens.learn(shop_id)
