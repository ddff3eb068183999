"""What every face of the sandbox shares: language, filters, the shop of the URL, errors."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import locale, places
from app.core.errors import NotFound, OkaeriError
from app.core.locale import choose_locale, gettext, show_date, show_time, use_locale
from app.core.money import Money, show_money
from app.sandbox import verbs
from app.sandbox.running import here
from app.sandbox.settings import ROOT

LANGUAGE_COOKIE = "sandbox_language"
HOME_ZONE = "Asia/Tokyo"
APP_NAME = "Okaeri"
APP_HANDLE = "okaeri"
Answer = Response | BaseResponse | str | tuple[str, int] | tuple[Response, int]


def face(name: str) -> Blueprint:
    """A blueprint of pages; the first one registered also prepares the template environment."""
    blueprint = Blueprint(f"sandbox_{name}", __name__, template_folder=str(ROOT / "templates"))
    blueprint.record(_prepare)
    blueprint.before_request(_speak)
    blueprint.teardown_request(_fall_silent)
    for kind in (OkaeriError, verbs.Refused, HTTPException):
        blueprint.register_error_handler(kind, _error)
    return blueprint


def _prepare(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    if "sandbox_faces" in app.extensions:
        return
    app.extensions["sandbox_faces"] = True
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        locale.gettext, locale.ngettext, newstyle=True
    )
    env.filters.update(
        price=price,
        moment=show_moment,
        status=status_word,
        tone=tone,
        asjson=as_json,
        label=lambda place: places.rows(place, locale.current_locale()),
    )
    env.globals.update(
        current_locale=locale.current_locale,
        business_now=lambda: here().now(),
        handle=handle,
        person=person,
    )


# --- language -------------------------------------------------------------------------------------


def _speak() -> Answer | None:
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        return make_response("", 403)
    speak(choose_locale(request.cookies.get(LANGUAGE_COOKIE), request.accept_languages.best))
    return None


def speak(language: str) -> None:
    """From here to the end of the request, text is in `language`."""
    _fall_silent(None)
    g.sandbox_speaking = use_locale(language)
    g.sandbox_speaking.__enter__()


def _fall_silent(_error: BaseException | None) -> None:
    speaking = g.pop("sandbox_speaking", None)
    if speaking is not None:
        speaking.__exit__(None, None, None)


# --- the shop of the URL --------------------------------------------------------------------------


def a_shop(domain: str) -> dict[str, Any]:
    """The shop, or 404."""
    found: dict[str, Any] | None = verbs.get_shop(here(), domain)
    if found is None:
        raise NotFound(domain)
    g.shop = found
    return found


def handle(shop: dict[str, Any]) -> str:
    """What the admin calls the shop in its URLs."""
    return str(shop["domain"]).split(".", 1)[0]


# --- how things are written -----------------------------------------------------------------------


def price(minor: int, currency: str) -> str:
    """An amount in minor units as people write it."""
    return show_money(Money(minor, currency), locale.current_locale())


def show_moment(stamp: str | datetime, zone: str | None = None) -> str:
    """`6月10日(火) 14:35`, in the shop's zone where the page has a shop."""
    moment = datetime.fromisoformat(stamp) if isinstance(stamp, str) else stamp
    zone = zone or g.get("shop", {}).get("zone") or HOME_ZONE
    language = locale.current_locale()
    day = moment.astimezone(ZoneInfo(zone)).date()
    return f"{show_date(day, language)} {show_time(moment, zone, language)}"


def person(named: dict[str, Any]) -> str:
    """A name in the order of its language: the family comes first in Japanese."""
    names = [named.get("first_name"), named.get("last_name")]
    found = [name for name in names if name]
    return " ".join(reversed(found) if locale.current_locale() == "ja" else found)


def as_json(value: object) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # every sign HTML knows is escaped above


WORDS = {
    "paid": "Paid",
    "pending": "Payment pending",
    "authorized": "Authorized",
    "voided": "Voided",
    "refunded": "Refunded",
    "partially_refunded": "Partially refunded",
    "fulfilled": "Fulfilled",
    "partial": "Partially fulfilled",
    "unfulfilled": "Unfulfilled",
    "cancelled": "Cancelled",
    "return_requested": "Return requested",
    "return_open": "Return in progress",
    "return_closed": "Return closed",
    "return_declined": "Return declined",
    "return_canceled": "Return called off",
    "unwanted": "I changed my mind",
    "defective": "It is damaged or does not work",
    "wrong_item": "It is not what I ordered",
    "not_as_described": "It is not as described",
    "other": "Other",
    "label_printed": "Label printed",
    "label_purchased": "Label purchased",
    "confirmed": "Accepted by the carrier",
    "carrier_picked_up": "Picked up by the carrier",
    "ready_for_pickup": "Ready for pickup",
    "in_transit": "In transit",
    "out_for_delivery": "Out for delivery",
    "attempted_delivery": "Delivery attempted",
    "delayed": "Delayed",
    "delivered": "Delivered",
    "failure": "Delivery failed",
    "failed": "Stopped by an error",
    "subscribed": "Subscribed",
    "not_subscribed": "Not subscribed",
    "unsubscribed": "Unsubscribed",
    "Yamato (JA)": "Yamato Transport",
    "Sagawa (JA)": "Sagawa Express",
    "Japan Post (JA)": "Japan Post",
    "card": "Credit card",
    "konbini": "Convenience store",
    "bank": "Bank transfer",
    "cod": "Cash on delivery",
    "cash": "Cash",
    "smooth": "Arrives as planned",
    "attempted": "Nobody at home at first",
    "silent": "No scans after shipping",
    "manual": "Only when I move it",
    "running": "Running",
    "done": "Done",
    "stuck": "Stuck",
    "unknown": "This code is not valid.",
    "expired": "This offer is over.",
    "used_up": "This code has been used already.",
    "used_by_this_customer": "You have used this code already.",
    "not_for_this_customer": "This code is for another customer.",
    "not_for_these_items": "This code is for other products.",
    "repeat": "Duplicate",
    "late": "Out of order",
}
TONES = {
    "good": ("paid", "fulfilled", "delivered", "subscribed", "done"),
    "warn": (
        "pending",
        "partial",
        "unfulfilled",
        "delayed",
        "attempted_delivery",
        "late",
        "return_requested",
    ),
    "bad": ("failed", "failure", "cancelled", "stuck", "voided"),
    "info": ("in_transit", "out_for_delivery", "confirmed", "running", "repeat", "return_open"),
}


def status_word(status: str | None) -> str:
    """A status in words."""
    return gettext(WORDS.get(status or "", status or "")) if status else ""


def tone(status: str | None) -> str:
    """The colour a status is shown in."""
    return next((name for name, all_of in TONES.items() if status in all_of), "")


# --- what goes wrong ------------------------------------------------------------------------------


def _error(error: Exception) -> Answer:
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return error.get_response()
    if isinstance(error, verbs.Refused):
        status, reason = 422, str(error)
    else:
        code = error.code if isinstance(error, HTTPException) else getattr(error, "status", 500)
        status, reason = code or 500, ""
    return make_response(
        render_template("sandbox/error.html", status=status, reason=reason), status
    )
