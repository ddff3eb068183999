"""Words that several modules say."""

from __future__ import annotations

from app.core.locale import gettext as _


def names() -> dict[str, str]:
    """What the parts of the page are called, for the merchant."""
    return {
        "offer": _("Offer"),
        "survey": _("Survey"),
        "reminder": _("Day for a reminder"),
        "consent": _("Boxes for news"),
        "sms": _("Box for SMS"),
        "line": _("LINE account"),
    }


def failed_text() -> str:
    """Said when an answer could not be kept, whatever the reason."""
    return _("This could not be saved just now. Please try again a little later.")
