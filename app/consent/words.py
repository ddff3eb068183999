"""The words for topics, channels, reasons and where a decision was made."""

from __future__ import annotations

from app.core.locale import gettext as _


def topic_name(topic: str) -> str:
    """A topic as people tick it."""
    return {
        "reviews": _("Review requests"),
        "replenishment": _("Reorder reminders"),
        "recommendations": _("Product suggestions"),
        "offers": _("Offers and campaigns"),
        "loyalty": _("Points and membership"),
        "feedback": _("Surveys"),
        "news": _("News and stories"),
        "orders": _("Orders and delivery"),
        "marketing": _("All marketing messages"),
    }.get(topic, topic)


def topic_text(topic: str) -> str:
    """What comes with a topic, in a sentence."""
    return {
        "reviews": _("We ask what you think of what you bought."),
        "replenishment": _("We write before something you use runs out."),
        "recommendations": _("Things that go with what you bought."),
        "offers": _("Coupons, sales and limited products."),
        "loyalty": _("Points, ranks and anniversaries."),
        "feedback": _("Short questions about our service."),
        "news": _("New products, seasons and how things are made."),
        "orders": _("What happens with your orders, and when they arrive."),
    }.get(topic, "")


def channel_name(channel: str) -> str:
    """A channel's name."""
    return {
        "email": _("E-mail"),
        "line": "LINE",
        "sms": "SMS",
        "push": _("Push notifications"),
    }.get(channel, channel)


def source_name(source: str) -> str:
    """Where a decision was made. What another list calls its source is shown as it is."""
    if source.startswith("shopify"):
        return _("Shopify: checkout, account or admin")
    return {
        "one-click": _("One click in the mailbox"),
        "page": _("Unsubscribe page"),
        "preferences": _("Preference page"),
        "double opt-in": _("Second click in our e-mail (double opt-in)"),
        "admin": _("Staff"),
        "import": _("Imported list"),
        "thank_you": _("Thank-you or order status page"),
        "line": _("Linking with LINE"),
    }.get(source, source)


def hold_name(reason: str) -> str:
    """Why everything that sells waits."""
    return {
        "delay": _("A parcel is late"),
        "return": _("A return is open"),
        "complaint": _("A complaint is open"),
        "not_received": _("Something did not arrive"),
        "customer_pause": _("The customer wanted a pause"),
    }.get(reason, reason)


def country_names(key: str) -> str:
    """The countries of a row of the table."""
    return {
        "jp": _("Japan"),
        "gb": _("United Kingdom"),
        "eu": _("European Union (without Germany and Austria)"),
        "de": _("Germany"),
        "at": _("Austria"),
        "us": _("United States"),
    }.get(key, key.upper())


def suppression_name(reason: str) -> str:
    """Why addresses get nothing."""
    return {
        "unsubscribed": _("Unsubscribed"),
        "imported": _("From an imported list"),
        "hard_bounce": _("No such mailbox"),
        "soft_bounces": _("Mailbox refused again and again"),
        "complaint": _("Reported as spam"),
        "line_silent": _("Not reached by LINE notification messages"),
    }.get(reason, reason)


def origin_name(origin: str) -> str:
    """Whose export a list is."""
    return {
        "klaviyo": "Klaviyo",
        "mailchimp": "Mailchimp",
        "omnisend": "Omnisend",
        "list": _("A plain list"),
    }.get(origin, origin)


def choice_text(choice: str) -> str:
    """What a list means."""
    return {
        "unsubscribe": _("These people want no marketing"),
        "suppress": _("Nothing may go to these addresses"),
        "subscribe": _("These people have agreed to marketing"),
    }.get(choice, "")


def problem_text(reason: str) -> str:
    """Why a row could not be read."""
    return {
        "no_address": _("There is no e-mail address in this row."),
        "not_an_address": _("This is not an e-mail address."),
        "no_evidence": _("The date or the place of the consent is missing."),
        "bad_date": _("The date cannot be read, or lies in the future."),
        "no_customer": _("None of your customers has this address."),
    }.get(reason, reason)
