"""What a merchant types to set up a way out, checked before anything is asked of anybody."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.channels.accounts import Account
from app.channels.mime import in_ascii
from app.channels.smtp import Endpoint
from app.core.errors import GiveUp, Invalid
from app.core.halfwidth import half_width
from app.core.locale import gettext as _
from app.shops.settings import email_mistake

#: In the order in which they are offered.
WAYS = ("host", "smtp", "resend", "ses", "postmark")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_PLAIN = re.compile(r"[\x21-\x7e]{8,200}")
_OPTION = re.compile(r"[A-Za-z0-9_-]{0,64}")


@dataclass(frozen=True)
class Entered:
    """A way out as it was typed, complete and well-formed; whether it works is found out next."""

    provider: str
    mailbox: str
    endpoint: str | None = field(repr=False)
    shown: str
    hook_secret: str | None = field(default=None, repr=False)


def read(form: Mapping[str, str]) -> Entered:
    """The way out of a form; raises `Invalid` with a sentence a field."""
    typed = {name: value.strip() for name, value in form.items()}
    provider = typed.get("provider", "")
    # As it stands in DNS and in a header, whatever letters its domain is written in.
    mailbox = in_ascii(half_width(typed.get("mailbox", "")).lower())
    errors: dict[str, str] = {}
    if not mailbox:
        errors["mailbox"] = _("This field is needed.")
    elif not mailbox.isascii():
        errors["mailbox"] = _("This is not an e-mail address.")
    elif mistake := email_mistake(mailbox, own_domain=True):
        errors["mailbox"] = mistake
    read_keys = _KEYS.get(provider)
    if read_keys is None:
        raise Invalid({"provider": _("Choose by which way mail should leave.")})
    made = read_keys(typed, errors)
    if errors or made is None:
        raise Invalid(errors)
    endpoint, shown = made
    # Postmark does not sign: it shows what we put into the address it calls.
    secret = secrets.token_urlsafe(24) if provider == "postmark" else None
    return Entered(provider, mailbox, endpoint, shown, secret)


def read_hook_secret(text: str) -> str:
    """The secret Resend shows beside a webhook; raises `Invalid`."""
    typed = text.strip()
    if not re.fullmatch(r"whsec_[A-Za-z0-9+/=]{16,120}", typed):
        raise Invalid(
            {"hook_secret": _("It begins with whsec_. Resend shows it beside the webhook.")}
        )
    return typed


_Made = tuple[str | None, str] | None


def _host(typed: Mapping[str, str], errors: dict[str, str]) -> _Made:  # noqa: ARG001
    return None, ""


def _smtp(typed: Mapping[str, str], errors: dict[str, str]) -> _Made:
    url = typed.get("smtp_url", "")
    try:
        endpoint = Endpoint.parse(url)
    except (GiveUp, ValueError):
        errors["smtp_url"] = _(
            "Write it as smtp+starttls://user:password@host:587 or smtps://user:password@host:465."
        )
        return None
    return url, f"{endpoint.host}:{endpoint.port}"


def _resend(typed: Mapping[str, str], errors: dict[str, str]) -> _Made:
    key = _key(typed, "api_key", errors)
    return (Account("resend", "resend", key).url, _end(key)) if key else None


def _ses(typed: Mapping[str, str], errors: dict[str, str]) -> _Made:
    region = typed.get("region", "")
    if not _REGION.fullmatch(region):
        errors["region"] = _("Write a region such as ap-northeast-1.")
    key, secret = _key(typed, "access_key", errors), _key(typed, "secret_key", errors)
    chosen = _option(typed, "configuration_set", errors)
    if errors:
        return None
    options = {"configuration_set": chosen}
    return Account("ses", region, key, secret, options).url, f"{region} {_end(key)}"


def _postmark(typed: Mapping[str, str], errors: dict[str, str]) -> _Made:
    key, stream = _key(typed, "server_token", errors), _option(typed, "stream", errors)
    if errors:
        return None
    options = {"stream": stream or "outbound"}
    return Account("postmark", "postmark", key, options=options).url, _end(key)


_KEYS = {"host": _host, "smtp": _smtp, "resend": _resend, "ses": _ses, "postmark": _postmark}


def _key(typed: Mapping[str, str], name: str, errors: dict[str, str]) -> str:
    value = typed.get(name, "")
    if not _PLAIN.fullmatch(value):
        errors[name] = _("Paste the key as it was shown to you.")
    return value


def _option(typed: Mapping[str, str], name: str, errors: dict[str, str]) -> str:
    value = typed.get(name, "")
    if not _OPTION.fullmatch(value):
        errors[name] = _("Only letters, digits, hyphens and underscores.")
    return value


def _end(key: str) -> str:
    """As much of a key as tells it from another one."""
    return f"…{key[-4:]}"
