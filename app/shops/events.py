"""What a store's coming and going tells."""

from __future__ import annotations

from app.core.events import Event


class ShopInstalled(Event, frozen=True, kw_only=True):
    """The app was installed, or installed again."""

    again: bool = False


class ShopUninstalled(Event, frozen=True, kw_only=True):
    """The app was removed: our tokens are void and nothing may be sent any more."""


class ShopResumed(Event, frozen=True, kw_only=True):
    """Messages may leave again after a pause."""


class ScopesChanged(Event, frozen=True, kw_only=True):
    """The merchant granted something more (`gained`), or took something back (`lost`)."""

    gained: list[str]
    lost: list[str]
