"""The storefront: products, the cart, cart permalinks."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.sandbox import verbs
from app.sandbox.running import here
from app.sandbox.web.shell import Answer, a_shop, face, speak

CART_COOKIE = "cart"
NESTED = re.compile(r"^(\w+)((?:\[[^\]]*\])+)$")
Line = tuple[int, int, dict[str, str] | None]


def store_face(name: str) -> Blueprint:
    """A blueprint below `/<domain>` with the shop found and its language spoken."""
    blueprint = face(name)
    blueprint.url_prefix = "/<domain>"
    blueprint.url_value_preprocessor(_enter)
    blueprint.before_request(_speak_to_shopper)
    blueprint.context_processor(_known)
    return blueprint


def _enter(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.domain = values.pop("domain", "") if values else ""


def _speak_to_shopper() -> None:
    shop = a_shop(g.domain)
    speak(choose_locale(wished_locale(), shop["locale"]))


def wished_locale() -> str | None:
    """The language the shopper chose in the URL, as it stands there."""
    wish = request.args.get("locale", "")
    return wish if re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4})?", wish) else None


def _known() -> dict[str, Any]:
    return {
        "shop": g.get("shop"),
        "to": to,
        "cart_count": sum(cart().values()) if "shop" in g else 0,
    }


def to(endpoint: str, **values: Any) -> str:
    """A URL within this shop that keeps the chosen language."""
    wish = wished_locale()
    if wish and "locale" not in values:
        values["locale"] = wish
    return url_for(endpoint, domain=g.domain, **values)


store = store_face("store")


@store.get("")
@store.get("/")
def front() -> Answer:
    """The shop's front: its products."""
    return render_template("sandbox/store/front.html", products=verbs.products(here(), g.domain))


@store.get("/products/<handle>")
def product(handle: str) -> Answer:
    """One product with its variants."""
    found = verbs.product_by_handle(here(), g.domain, handle)
    if found is None:
        raise NotFound(handle)
    return render_template("sandbox/store/product.html", product=found)


# --- the cart -------------------------------------------------------------------------------------


def cart() -> dict[int, int]:
    """Variant → quantity, from the shopper's cookie."""
    pairs = re.findall(r"(\d+):(\d+)", request.cookies.get(CART_COOKIE, ""))
    return {int(variant): min(int(quantity), 99) for variant, quantity in pairs}


def keep_cart(response: BaseResponse, wanted: dict[int, int]) -> BaseResponse:
    """Write the cart back; an empty one is forgotten."""
    text = ".".join(f"{variant}:{quantity}" for variant, quantity in wanted.items() if quantity > 0)
    path = f"/{g.domain}"
    if text:
        response.set_cookie(CART_COOKIE, text, path=path, samesite="Lax", max_age=14 * 86400)
    else:
        response.delete_cookie(CART_COOKIE, path=path)
    return response


@store.get("/cart")
def show_cart() -> Answer:
    """What is in the cart."""
    found = ((verbs.variant(here(), g.domain, one), count) for one, count in cart().items())
    lines: list[dict[str, Any]] = [
        {"product": pair[0], "variant": pair[1], "quantity": count} for pair, count in found if pair
    ]
    total = sum(int(line["variant"]["price"]) * int(line["quantity"]) for line in lines)
    return render_template("sandbox/store/cart.html", lines=lines, total=total)


@store.post("/cart")
def change_cart() -> Answer:
    """Add a variant, or set quantities."""
    wanted, form = cart(), request.form
    if variant := form.get("add", 0, type=int):
        wanted[variant] = wanted.get(variant, 0) + max(1, form.get("quantity", 1, type=int))
    for name in form:
        if name.startswith("quantity-"):
            wanted[int(name[9:])] = max(0, form.get(name, 0, type=int))
    if "remove" in form:
        wanted.pop(form.get("remove", 0, type=int), None)
    return keep_cart(redirect(to("sandbox_store.show_cart"), 303), wanted)


@store.post("/checkout")
def begin() -> Answer:
    """Go to the checkout with the cart."""
    lines: list[Line] = [(variant, quantity, None) for variant, quantity in cart().items()]
    made = verbs.create_checkout(here(), g.domain, lines, locale=wished_locale())
    return redirect(to("sandbox_checkout.show", token=made["token"]), 303)


@store.post("/subscribe")
def subscribe() -> Answer:
    """Go to the checkout with something that will come by itself from now on."""
    form = request.form
    wanted = (form.get("add", 0, type=int), form.get("quantity", 1, type=int), None,
              form.get("plan", 0, type=int))  # fmt: skip
    made = verbs.create_checkout(here(), g.domain, [wanted], locale=wished_locale())
    return redirect(to("sandbox_checkout.show", token=made["token"]), 303)


# --- cart permalinks ------------------------------------------------------------------------------


@store.get("/cart/<items>")
def permalink(items: str) -> Answer:
    """`/cart/{variant}:{quantity},…`: at Shopify too this GET makes a checkout, and only that."""
    pairs = re.findall(r"(\d+):(\d+)", items)
    args = request.args
    if args.get("storefront") == "true":
        wanted = {int(variant): int(quantity) for variant, quantity in pairs}
        return keep_cart(redirect(to("sandbox_store.show_cart")), wanted)
    lines: list[Line] = [(int(variant), int(quantity), None) for variant, quantity in pairs]
    if lines:
        lines[0] = (*lines[0][:2], _properties(args.get("properties", "")))
    checkout = _nested("checkout")
    made = verbs.create_checkout(
        here(),
        g.domain,
        lines,
        discount_codes=[code for code in args.get("discount", "").split(",") if code],
        attributes=_nested("attributes"),
        email=checkout.get("email"),
        address=checkout.get("shipping_address"),
        note=args.get("note"),
        ref=args.get("ref"),
        locale=wished_locale(),
    )
    response = redirect(to("sandbox_checkout.show", token=made["token"]))
    response.headers["Cache-Control"] = "no-store"
    return response


def _nested(name: str) -> dict[str, Any]:
    """`name[a][b]=c` parameters as nested dictionaries."""
    found: dict[str, Any] = {}
    for key, value in request.args.items():
        match = NESTED.match(key)
        if match and match[1] == name:
            *steps, last = re.findall(r"\[([^\]]*)\]", match[2])
            place = found
            for step in steps:
                inner = place.setdefault(step, {})
                place = inner if isinstance(inner, dict) else {}
            place[last] = value
    return found


def _properties(text: str) -> dict[str, str] | None:
    """The first line's properties: base64url of a JSON object; anything else counts as none."""
    try:
        padded = text + "=" * (-len(text) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return {str(key): str(value) for key, value in found.items()} or None
