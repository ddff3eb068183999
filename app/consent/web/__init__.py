"""The consent room's doors: the ways out and back in, and the merchant's pages."""

from app.consent.web.public import confirm, preferences, unsubscribe

__all__ = ["confirm", "preferences", "unsubscribe"]
