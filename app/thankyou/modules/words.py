"""Words that several modules say."""

from __future__ import annotations

from app.core.locale import gettext as _


def failed_text() -> str:
    """Said when an answer could not be kept, whatever the reason."""
    return _("This could not be saved just now. Please try again a little later.")
