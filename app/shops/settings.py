"""What a merchant decides, typed: how it is kept, how it is checked, what a mail needs of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from email_validator import EmailNotValidError, validate_email

from app.core.errors import Invalid
from app.core.halfwidth import half_width
from app.core.locale import gettext as _
from app.shops.calendar import CalendarSettings
from app.shops.frequency import Frequency

#: Mail from these domains fails DMARC when anyone else sends it (rules.md EM-7).
PROVIDERS_OF_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.co.jp", "yahoo.com", "ymail.ne.jp", "hotmail.com",
        "hotmail.co.jp", "outlook.com", "outlook.jp", "live.jp", "live.com", "icloud.com",
        "me.com", "mac.com", "aol.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp",
        "i.softbank.jp", "ymobile.ne.jp", "uqmobile.jp", "ybb.ne.jp", "nifty.com", "biglobe.ne.jp",
        "ocn.ne.jp", "so-net.ne.jp", "rakuten.jp", "proton.me", "protonmail.com", "gmx.de",
        "gmx.net", "web.de",
    }
)  # fmt: skip
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
#: What a person can call, write to or open, whatever stands around it.
REACHABLE = re.compile(r"\d.{4,}\d|[^\s@]+@[^\s@]+|[^\W\d]\.[^\W\d]{2}")
LINE_PATHS = re.compile(r"/(R/ti/p/(@|%40)[\w.-]+|ti/p/(@|%40)[\w.-]+)/?")
LINE_HOSTS = frozenset({"line.me", "lin.ee"})
MAX_TEXT = 500
FONTS = ("gothic", "mincho", "rounded")
HONORIFICS = ("sama", "kana", "san")


class ConsentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How and where consent is asked for: when it has to be confirmed (`usual` countries,
    `everywhere`, `off`), and in which stricter countries being a customer is enough too."""

    double_opt_in: Literal["usual", "everywhere", "off"] = "usual"
    basis_also: tuple[str, ...] = ()
    #: Ask for SMS on the order's pages; the checkout of such a shop does not.
    ask_sms: bool = False


class AddressSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether buyers may put their order's address right, and for how many minutes after the order;
    0: until it is shipped."""

    enabled: bool = False
    minutes: int = 0


class ShopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a merchant edits on the settings page."""

    sender_name: str = ""
    reply_to: str = ""
    support_email: str = ""
    support_phone: str = ""
    support_hours: str = ""
    legal_name: str = ""
    postal_address: str = ""
    legal_url: str = ""
    complaints_contact: str = ""
    logo_url: str = ""
    color: str = "#1f5199"
    font: Literal["gothic", "mincho", "rounded"] = "gothic"
    line_url: str = ""
    line_friend_note: str = ""
    #: The LINE room holds a connected account: orders can be linked to a person's LINE.
    line_linking: bool = False
    #: LINE notification messages, of the type that LINE approved for the shop; empty: none.
    line_notices: Literal["", "template", "flexible"] = ""
    contact_person: str = ""
    #: How people are addressed in Japanese: 様, さま, or さん for a casual brand (rules.md 2.1).
    honorific: Literal["sama", "kana", "san"] = "sama"
    booking_url: str = ""
    course_url: str = ""
    coupon_code: str = ""
    coupon_percent: int = 0
    existing_customer_basis: bool = False
    consent: ConsentSettings = ConsentSettings()
    calendar: CalendarSettings = CalendarSettings()
    addresses: AddressSettings = AddressSettings()
    high_value_minor: int = 0
    guide_dismissed: bool = False
    frequency: Frequency = Frequency()


def load(kept: Mapping[str, Any]) -> ShopSettings:
    """The settings as kept on the shop's row; fields of other versions are passed over."""
    return msgspec.convert(dict(kept), ShopSettings)


def dump(settings: ShopSettings) -> dict[str, Any]:
    """The settings as they are kept."""
    kept: dict[str, Any] = msgspec.to_builtins(settings)
    return kept


def missing_for_marketing(settings: ShopSettings) -> list[str]:
    """The footer fields without which no marketing mail may leave (rules.md EM-2, EM-4): who
    sends, where they live, and where to complain."""
    needed = ("legal_name", "postal_address", "complaints_contact")
    return [name for name in needed if not getattr(settings, name).strip()]


def read_form(form: Mapping[str, str], kept: ShopSettings) -> ShopSettings:
    """Settings from what the merchant typed; raises `Invalid` with a sentence a field."""
    values = {name: form.get(name, "").strip() for name in TEXTS}
    values |= {name: half_width(values[name]) for name in MACHINES}
    errors = {name: text for name, value in values.items() if (text := _mistake(name, value))}
    values["color"] = values["color"] or ShopSettings().color
    percent = _read_coupon(form, errors)
    font = form.get("font", kept.font)
    if font not in FONTS:
        errors["font"] = _("Choose one of the list.")
    honorific = form.get("honorific", kept.honorific)
    if honorific not in HONORIFICS:
        errors["honorific"] = _("Choose one of the list.")
    if errors:
        raise Invalid(errors)
    return msgspec.structs.replace(
        kept,
        **values,
        font=font,
        honorific=honorific,
        coupon_percent=percent,
        existing_customer_basis="existing_customer_basis" in form,
    )


TEXTS = (
    "sender_name",
    "reply_to",
    "support_email",
    "support_phone",
    "support_hours",
    "legal_name",
    "postal_address",
    "legal_url",
    "complaints_contact",
    "logo_url",
    "color",
    "line_url",
    "line_friend_note",
    "contact_person",
    "booking_url",
    "course_url",
    "coupon_code",
)
#: Without these nobody can be written to, or write back.
NEEDED = frozenset({"sender_name", "reply_to"})
EMAILS = frozenset({"reply_to", "support_email"})
URLS = frozenset({"legal_url", "logo_url", "booking_url", "course_url"})
#: What machines read, and a Japanese keyboard may write in full width.
MACHINES = EMAILS | URLS | {"support_phone", "line_url", "coupon_code", "color"}


def _mistake(name: str, value: str) -> str | None:
    if not value:
        return _("This field is needed.") if name in NEEDED else None
    if len(value) > MAX_TEXT:
        return _("Please write at most %(count)s characters.", count=MAX_TEXT)
    if name != "postal_address" and any(ord(sign) < 32 for sign in value):
        return _("Please write this on one line.")
    return _mistake_of_kind(name, value)


def _mistake_of_kind(name: str, value: str) -> str | None:
    if name in EMAILS:
        return email_mistake(value)
    if name in URLS:
        return _url_mistake(value)
    if name == "complaints_contact" and not REACHABLE.search(half_width(value)):
        return _("Write a phone number, an e-mail address or a web address.")
    if name == "line_url":
        return _line_mistake(value)
    if name == "color" and not COLOR.fullmatch(value):
        return _("Write a colour as # and six digits, for example #7a4a21.")
    return None


def email_mistake(value: str, *, own_domain: bool = False) -> str | None:
    """What is wrong with an e-mail address, in words; None when nothing is. `own_domain` also
    refuses free mail providers, from whose domains no shop can send."""
    try:
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return _("This is not an e-mail address.")
    if own_domain and found.domain.lower() in PROVIDERS_OF_MAIL:
        return _(
            "Mail sent in the name of %(domain)s is refused by most mailboxes. Use an address of "
            "your own domain, or leave the field empty.",
            domain=found.domain,
        )
    return None


def _url_mistake(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        fine = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        fine = False
    return None if fine else _("Write a web address that begins with https://.")


def _line_mistake(value: str) -> str | None:
    try:
        parts = urlsplit(value)
    except ValueError:
        return _line_help()
    if parts.scheme != "https" or parts.hostname not in LINE_HOSTS:
        return _line_help()
    if parts.hostname == "line.me" and not LINE_PATHS.fullmatch(parts.path):
        return _line_help()
    return None


def _line_help() -> str:
    return _(
        "Write the add-friend link of your LINE official account, for example "
        "https://line.me/R/ti/p/@yourshop."
    )


def _read_coupon(form: Mapping[str, str], errors: dict[str, str]) -> int:
    """How much less the shop's code makes it, in per cent; 0 without a code."""
    typed = half_width(form.get("coupon_percent", ""))
    coded = bool(form.get("coupon_code", "").strip())
    if (typed or coded) and not (_is_number(typed) and 1 <= int(typed) <= 90):
        errors["coupon_percent"] = _("Write a whole number from 1 to 90.")
        return 0
    return int(typed) if coded else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
