"""The consent room's doors: the ways out and back in, and the merchant's pages."""

from app.consent.web.admin import admin
from app.consent.web.imports import imports
from app.consent.web.public import confirm, preferences, unsubscribe

__all__ = ["admin", "confirm", "imports", "preferences", "unsubscribe"]
