"""What the warehouse's tags tell."""

from __future__ import annotations

from app.core.events import Event


class TaggingAsked(Event, frozen=True, kw_only=True):
    """Somebody switched the tags on, and says that Shopify's merchant agreed."""


class TagsChanged(Event, frozen=True, kw_only=True):
    """The order is to have other tags than it has."""
