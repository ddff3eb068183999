"""The address form: what a buyer typed, read and refused with a sentence a field."""

from __future__ import annotations

from collections.abc import Mapping

from app.addresses import rules
from app.addresses.rules import Address
from app.addresses.writing import digits, tidy, zip_code
from app.core import prefectures
from app.core.errors import Invalid
from app.core.locale import gettext as _

#: Shopify keeps no longer ones.
LONGEST = 255
NEEDED = ("zip", "province", "city", "address1")
FIELDS = (*NEEDED, "address2", "phone")


def read(form: Mapping[str, str], given: Address) -> Address:
    """The address that was typed. What the form does not name stays as it was, and so does a phone
    number left empty. Raises `Invalid`."""
    typed = {name: form.get(name, getattr(given, name)).strip() for name in FIELDS}
    typed["phone"] = typed["phone"] or given.phone
    errors = {name: text for name, value in typed.items() if (text := _mistake(name, value))}
    if errors:
        raise Invalid(errors)
    return Address(
        zip=zip_code(typed["zip"]),
        province=typed["province"],
        **{name: tidy(typed[name]) for name in ("city", "address1", "address2", "phone")},
    )


def _mistake(name: str, value: str) -> str | None:
    if name in NEEDED and not value:
        return _("This field is needed.")
    if len(value) > LONGEST or not value.isprintable():
        return _("Please write this on one line, with at most %(count)s characters.", count=LONGEST)
    if name == "zip" and len(digits(value)) != 7:
        return _("Please enter a seven-digit postal code, for example 150-0001.")
    if name == "province" and value not in prefectures.CODES:
        return _("Choose one of the list.")
    if name == "phone" and not rules.usable(value):
        return _("This phone number is not valid. Please check the digits.")
    return None
