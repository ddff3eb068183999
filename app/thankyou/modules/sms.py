"""A box for SMS with words of its own (features.md A11): consent to one channel says nothing of
another. We send none ourselves; the consent is the merchant's, kept with its proof and told to
Shopify for whichever tool sends there. Where the checkout asked already nobody is asked again (App
Store 5.6.8): the merchant says whether it does, and whoever decided anything is left alone."""

from __future__ import annotations

from collections.abc import Mapping

from app.consent import service as consent
from app.consent.model import GENERAL
from app.core import phones
from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.mirror.model import Customer
from app.shops import service as shops
from app.thankyou.api import FieldShown, ModuleShown
from app.thankyou.context import Context

CHANNEL, SOURCE = "sms", "thank_you"


def show(page: Context) -> ModuleShown | None:
    """The box, beside the number it is about; a field for the number where none is known."""
    customer, known = page.customer, page.known
    if customer is None or known is None or not shops.settings_of(page.shop).consent.ask_sms:
        return None
    word = known.words.get((CHANNEL, GENERAL))
    thanked = word is not None and word.granted and word.source == SOURCE
    if not thanked and (word is not None or _was_asked(customer)):
        return None
    number = _known(page, customer)
    return ModuleShown(
        key="sms",
        heading=_("News by SMS"),
        text="" if thanked else f"{_to(number)}{terms(page)}",
        fields=[] if thanked else _fields(number),
        submit_text=_("Yes, please send me SMS"),
        done=_("Thank you. Reply STOP to any of these SMS to end them.") if thanked else None,
        failed_text=_("This could not be saved. Please check the number, or try again later."),
    )


def take(page: Context, values: Mapping[str, str]) -> None:
    """Keep the number and the consent with the words it was ticked beside; raises `Invalid` for an
    empty box and for what is no mobile number."""
    session, customer = page.session, page.customer
    if customer is None or values.get("agree") != "on":
        raise Invalid({"agree": _("Tick at least one box.")})
    number = _known(page, customer) or phones.mobile(values.get("number"), _country(page))
    if not number:
        raise Invalid({"number": _("This is not a mobile phone number.")})
    words = f"{terms(page)}\n{agreement()}"
    text = consent.keep_text(session, words, current_locale())
    evidence = {"how": "order page", "order": page.order.id, "text": text}
    consent.link_channel(session, customer.id, CHANNEL, number, evidence)
    consent.grant(
        session,
        customer.id,
        channel=CHANNEL,
        source=SOURCE,
        occurred_at=now(session),
        evidence=evidence,
    )


def terms(page: Context) -> str:
    """The words above the box: who sends, that it is advertising, that nothing depends on it, what
    it may cost and how it ends (rules.md EM-1, SM-1)."""
    return _(
        "%(sender)s sends advertising by SMS, also automatically. It is not a condition of any "
        "purchase. How many there are varies; message and data rates may apply. Reply STOP to end "
        "them, HELP for help.",
        sender=shops.brand(page.shop).name,
    )


def agreement() -> str:
    """The words beside the box."""
    return _("I agree to receive advertising by SMS at this number.")


def _to(number: str) -> str:
    return _("To your number %(number)s. ", number=phones.masked(number)) if number else ""


def _fields(number: str) -> list[FieldShown]:
    typed = FieldShown(name="number", kind="text", label=_("Mobile phone number"), needed=True)
    box = FieldShown(name="agree", kind="check", label=agreement(), needed=True)
    return [box] if number else [typed, box]


def _was_asked(customer: Customer) -> bool:
    """Whether Shopify heard anything of this person about SMS, in the checkout or elsewhere."""
    return customer.sms_updated_at is not None or customer.sms_state != "not_subscribed"


def _known(page: Context, customer: Customer) -> str:
    """The mobile number we have: the customer's, the one linked here, the order's."""
    place = page.order.shipping_address or {}
    linked = page.known.addresses.get(CHANNEL) if page.known else None
    written = (customer.phone, linked, page.order.phone, place.get("phone"))
    found = (phones.mobile(text, _country(page)) for text in written)
    return next((number for number in found if number), "")


def _country(page: Context) -> str | None:
    place = page.order.shipping_address or {}
    return place.get("country_code") or page.shop.country
