"""The checkout, and the thank-you page with its extension."""

from __future__ import annotations

import re
from typing import Any

from flask import g, make_response, redirect, render_template, request

from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.core.locale import gettext as _
from app.sandbox import verbs
from app.sandbox.places import SAMPLE, SAMPLES
from app.sandbox.running import here
from app.sandbox.web import frames
from app.sandbox.web.extension import THANK_YOU
from app.sandbox.web.places import provinces
from app.sandbox.web.shell import Answer, speak
from app.sandbox.web.store import keep_cart, store_face, to, wished_locale

checkout = store_face("checkout")

PAYMENTS = {"JP": ("card", "konbini", "bank", "cod"), "US": ("card", "bank")}
ADDRESS = ("last_name", "first_name", "zip", "province", "city", "address1", "address2", "phone")
OPTIONAL = ("address2", "phone", "first_name")
FORMATS = {"JP": r"\d{3}-?\d{4}", "US": r"\d{5}(-\d{4})?"}
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{8,}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@checkout.get("/checkouts/<token>")
def show(token: str) -> Answer:
    """The form."""
    found = _find(token)
    if found["completed_order_id"]:
        return redirect(to("sandbox_checkout.thank_you", token=token))
    prefill = {**(found["prefill"] or {}), **(found["address"] or {})}
    sample = SAMPLES.get(request.args.get("sample", ""))
    if sample is not None:
        prefill.update(SAMPLE, **sample)
    return _form(found, {**prefill, "email": found["email"] or ""}, {})


@checkout.post("/checkouts/<token>")
def submit(token: str) -> Answer:
    """Apply a discount code, take one off, or pay."""
    found = _find(token)
    form = request.form
    if form.get("action") == "apply":
        codes = [*found["discount_codes"], form.get("discount", "").strip()]
        return _with_codes(found, [code for code in codes if code])
    if form.get("action", "").startswith("drop:"):
        gone = form["action"].removeprefix("drop:")
        return _with_codes(found, [code for code in found["discount_codes"] if code != gone])
    errors = _mistakes(found)
    if errors:
        return make_response(_form(found, form, errors), 422)
    _pay(token, found)
    # The cart has become an order.
    return keep_cart(redirect(to("sandbox_checkout.thank_you", token=token), 303), {})


def _with_codes(found: dict[str, Any], codes: list[str]) -> Answer:
    changed = verbs.apply_codes(here(), g.domain, found["token"], codes)
    return _form(changed, request.form, {})


def _form(found: dict[str, Any], values: Any, errors: dict[str, str]) -> str:
    _speak(found)
    country = g.shop["country"]
    return render_template(
        "sandbox/store/checkout.html",
        checkout=found,
        values=values,
        errors=errors,
        ships=ships(found),
        country=country,
        provinces=provinces(country),
        samples=SAMPLES if country == "JP" else (),
        payments=PAYMENTS.get(country, ("card",)),
    )


def ships(found: dict[str, Any]) -> bool:
    """Whether anything in it is sent by parcel."""
    return any(line["requires_shipping"] for line in found["lines"])


def _find(token: str) -> dict[str, Any]:
    found: dict[str, Any] | None = verbs.checkout(here(), g.domain, token)
    if found is None:
        raise NotFound(token)
    _speak(found)
    return found


def _speak(found: dict[str, Any]) -> None:
    speak(choose_locale(wished_locale(), found["locale"], g.shop["locale"]))


def _mistakes(found: dict[str, Any]) -> dict[str, str]:
    """What must be put right before the order can be placed."""
    form, errors = request.form, {}
    contact = form.get("email", "").strip()
    if not (EMAIL.fullmatch(contact) or PHONE.fullmatch(contact)):
        errors["email"] = _("Enter an email address or a mobile phone number.")
    if not ships(found):
        return errors
    for name in ADDRESS:
        if name not in OPTIONAL and not form.get(name, "").strip():
            errors[name] = _("Please fill this in.")
    zip_format = FORMATS.get(g.shop["country"], r".+")
    if "zip" not in errors and not re.fullmatch(zip_format, form.get("zip", "").strip()):
        errors["zip"] = _("This postal code does not look right.")
    return errors


def _pay(token: str, found: dict[str, Any]) -> None:
    form = request.form
    contact = form.get("email", "").strip()
    address = {name: form.get(name, "").strip() for name in ADDRESS}
    verbs.complete_checkout(
        here(),
        g.domain,
        token,
        email=contact if "@" in contact else None,
        phone=(contact if "@" not in contact else "") or address["phone"] or None,
        address={**address, "country": g.shop["country"]} if ships(found) else None,
        marketing=form.get("marketing") == "on",
        payment=form.get("payment", "card"),
        note=form.get("note", "").strip() or None,
        test=form.get("test") == "on",
    )


# --- after the order ------------------------------------------------------------------------------


@checkout.get("/checkouts/<token>/thank-you")
def thank_you(token: str) -> Answer:
    """Thanks, the app's block, and what was ordered."""
    found = _find(token)
    order = verbs.find_order(here(), g.domain, checkout_token=token)
    if order is None:
        return redirect(to("sandbox_checkout.show", token=token))
    return render_template(
        "sandbox/store/thank_you.html",
        checkout=found,
        order=order,
        ships=ships(found),
        block=frames.block_at(THANK_YOU),
        host=request.host_url.rstrip("/"),
    )


@checkout.get("/checkouts/<token>/extension")
def extension_frame(token: str) -> Answer:
    """The document the extension renders into."""
    found = _find(token)
    order = verbs.find_order(here(), g.domain, checkout_token=token)
    if order is None:
        raise NotFound(token)
    return frames.frame(THANK_YOU, found, order)


@checkout.get("/checkouts/<token>/extension.js")
def extension_script(token: str) -> Answer:
    """The built bundle."""
    _find(token)
    return frames.script(THANK_YOU)


@checkout.get("/checkouts/<token>/session-token")
def session_token(token: str) -> Answer:
    """The token the extension shows to its own server."""
    _find(token)
    return frames.token(THANK_YOU)
