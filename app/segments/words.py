"""The names of stages and levels of engagement, the same wherever they are shown."""

from __future__ import annotations

from app.core.locale import gettext as _


def stage_names() -> dict[str, str]:
    """Where somebody stands with the shop, in the reader's language."""
    return {
        "new": _("New"),
        "active": _("Active"),
        "at_risk": _("Becoming silent"),
        "lapsed": _("Stayed away"),
    }


def engagement_names() -> dict[str, str]:
    """How somebody reacts to messages, by clicks and purchases, in the reader's language."""
    return {
        "high": _("Reacts often"),
        "normal": _("Reacts now and then"),
        "low": _("Hardly reacts"),
        "unknown": _("Too early to tell"),
    }
