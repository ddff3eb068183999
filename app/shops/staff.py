"""Who of the shop's people did something, in words. Shopify's token tells us a number alone."""

from __future__ import annotations

from app.core.locale import gettext as _
from app.core.request import current


def staff_name(number: str | None) -> str:
    """A member of staff as the reader of a page knows them: themselves, or by Shopify's number."""
    if not number:
        return _("a member of staff")
    if number == current().staff:
        return _("you")
    return _("a member of staff (Shopify ID %(number)s)", number=number)
