"""What a merchant types about LINE: read, checked, and tried at LINE before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.core import outward
from app.core.errors import GiveUp, Invalid, TryLater
from app.core.halfwidth import half_width
from app.core.locale import gettext as _
from app.core.secrets import unseal
from app.journeys import queries as journeys_queries
from app.line import api
from app.line.model import LineAccount
from app.line.service import Channels

FIELDS = (
    "channel_id",
    "channel_secret",
    "channel_token",
    "login_channel_id",
    "login_channel_secret",
)
SECRETS = frozenset({"channel_secret", "channel_token", "login_channel_secret"})


def channels(form: Mapping[str, str], known: LineAccount | None) -> Channels:
    """The channels from the form. An empty secret keeps the one we have: a secret is never shown
    again. Raises `Invalid` with a sentence a field."""
    values = {name: half_width(form.get(name, "")) for name in FIELDS}
    for name in SECRETS:
        sealed = getattr(known, name, None) if known else None
        if not values[name] and sealed:
            values[name] = unseal(sealed)
    errors = {
        name: _("This field is needed.")
        for name in ("channel_id", "channel_secret", "channel_token")
        if not values[name]
    }
    if values["login_channel_id"] and not values["login_channel_secret"]:
        errors["login_channel_secret"] = _("This field is needed.")
    if errors:
        raise Invalid(errors)
    return Channels(**values)


def tested(given: Channels) -> api.BotInfo:
    """Who the account is, after LINE took everything that was typed. Raises `Invalid` with the
    field that LINE refused."""
    _try("channel_secret", lambda: api.check_channel(given.channel_id, given.channel_secret))
    if given.login_channel_id:
        _try(
            "login_channel_secret",
            lambda: api.check_login(given.login_channel_id, given.login_channel_secret),
        )
    found: api.BotInfo = _try("channel_token", lambda: api.bot_info(given.channel_token))
    return found


def webhook(form: Mapping[str, str]) -> tuple[Literal["us", "other"], str]:
    """Who receives LINE's webhook, and the address that we hand it on to; empty for none. Raises
    `Invalid` for an address that is not a public one."""
    if form.get("webhook_by") == "other":
        return "other", ""
    url = half_width(form.get("forward_url", ""))
    if not url:
        return "us", ""
    host = outward.host_of(url)
    if host is None:
        raise Invalid({"forward_url": _("Enter a full address that begins with https://.")})
    try:
        outward.public_address(host)
    except (TryLater, GiveUp) as error:
        told = _("%(host)s is no address that can be reached on the internet.", host=host)
        raise Invalid({"forward_url": told}) from error
    return "us", url


def _try(field: str, call: Any) -> Any:
    refused = {
        "channel_secret": _("LINE does not know this channel ID with this secret."),
        "login_channel_secret": _("LINE does not know this Login channel ID with this secret."),
        "channel_token": _("LINE does not take this access token."),
    }
    try:
        return call()
    except GiveUp as error:
        raise Invalid({field: refused[field]}) from error
    except TryLater as error:
        raise Invalid(
            {field: _("LINE does not answer at the moment. Please try again.")}
        ) from error


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What goes back into the form: never a secret."""
    return {name: form.get(name, "") for name in FIELDS if name not in SECRETS}


def limits(session: Session, form: Mapping[str, str]) -> dict[str, Any]:
    """The budget from the form: whole numbers, empty for no end."""
    errors: dict[str, str] = {}
    found: dict[str, Any] = {"journeys": {}}
    for name in ("month", *(f"journey-{key}" for key in journeys(session))):
        value = half_width(form.get(name, ""))
        if not value:
            continue
        if not value.isascii() or not value.isdigit() or len(value) > 7:
            errors[name] = _("Write a whole number, or leave it empty.")
        elif name == "month":
            found["month"] = int(value)
        else:
            found["journeys"][name.removeprefix("journey-")] = int(value)
    if errors:
        raise Invalid(errors)
    return found


def notices(form: Mapping[str, str]) -> Literal["", "template", "flexible"]:
    """The type of notification messages from the form; empty to switch them off. Raises `Invalid`
    unless the merchant has said that LINE agreed and that the privacy policy tells of them."""
    if "on" not in form:
        return ""
    errors = {
        name: _("Without this they cannot be switched on.")
        for name in ("agreement", "policy")
        if name not in form
    }
    if errors:
        raise Invalid(errors)
    return "flexible" if form.get("style") == "flexible" else "template"


def journeys(session: Session) -> dict[str, str]:
    """The shop's journeys, each of which may have a budget of its own, by name."""
    return {key: str(one.name) for key, one in journeys_queries.definitions(session).items()}
