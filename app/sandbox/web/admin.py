"""The admin: orders and what staff do to them, products, customers, settings, webhooks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for

from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.sandbox import blocks, verbs
from app.sandbox.carriers import COMPANIES
from app.sandbox.returns import VERBS as RETURN_VERBS
from app.sandbox.running import here
from app.sandbox.web.extension import ORDER_STATUS, THANK_YOU
from app.sandbox.web.shell import APP_HANDLE, APP_NAME, LANGUAGE_COOKIE, Answer, a_shop, face, speak

#: The pages of the checkout editor, and where on them a block may stand.
EDITOR_TARGETS = {"thank-you": THANK_YOU, "order-status": ORDER_STATUS}


def admin_face(name: str) -> Blueprint:
    """A blueprint below `/admin/store/<handle>` with the shop found and spoken to."""
    blueprint = face(name)
    blueprint.url_prefix = "/admin/store/<handle>"
    blueprint.url_value_preprocessor(_enter)
    blueprint.before_request(_speak_to_staff)
    blueprint.context_processor(_known)
    return blueprint


def _enter(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.domain = f"{values.pop('handle', '') if values else ''}.myshopify.com"


def _speak_to_staff() -> None:
    shop = a_shop(g.domain)
    speak(choose_locale(request.cookies.get(LANGUAGE_COOKIE), shop["locale"]))


def _known() -> dict[str, Any]:
    domain = g.domain
    return {
        "shop": g.get("shop"),
        "handle_": domain.split(".", 1)[0],
        "installed": verbs.installation(here(), domain) if "shop" in g else None,
        "app_name": APP_NAME,
        "app_handle": APP_HANDLE,
    }


def at(endpoint: str, **values: Any) -> str:
    """A URL within this shop's admin."""
    return url_for(endpoint, handle=g.domain.split(".", 1)[0], **values)


admin = admin_face("admin")


@admin.get("/")
@admin.get("")
def home() -> Answer:
    """The admin opens on the orders."""
    return redirect(at("sandbox_admin.orders"))


# --- orders ---------------------------------------------------------------------------------------


@admin.get("/orders")
def orders() -> Answer:
    """All orders, newest first."""
    return render_template(
        "sandbox/admin/orders.html",
        orders=verbs.orders(here(), g.domain),
        products=verbs.products(here(), g.domain),
    )


@admin.post("/orders/pos")
def pos_order() -> Answer:
    """Sell something over the counter."""
    variant = request.form.get("variant_id", 0, type=int)
    quantity = max(1, request.form.get("quantity", 1, type=int))
    email = request.form.get("email", "").strip() or None
    made = verbs.create_pos_order(here(), g.domain, [(variant, quantity, None)], email=email)
    return redirect(at("sandbox_admin.order", order_id=made["id"]), 303)


@admin.get("/orders/<int:order_id>")
def order(order_id: int) -> Answer:
    """One order with everything staff can do to it."""
    found = verbs.order(here(), g.domain, order_id)
    if found is None:
        raise NotFound(str(order_id))
    customer = found["customer_id"] and verbs.customer(here(), g.domain, found["customer_id"])
    return render_template(
        "sandbox/admin/order.html",
        order=found,
        customer=customer,
        open_lines=verbs.open_lines(here(), g.domain, order_id),
        returns=verbs.returns_of(here(), g.domain, order_id),
        returnable=verbs.returnable(here(), g.domain, order_id),
        carriers=COMPANIES.get(g.shop["country"], COMPANIES["US"]),
        scenarios=sorted(verbs.SCENARIOS, key=lambda name: name != "smooth"),
    )


@admin.post("/orders/<int:order_id>/<verb>")
def act(order_id: int, verb: str) -> Answer:
    """Do one thing to an order."""
    actions = {
        "pay": _pay,
        "cancel": _cancel,
        "refund": _refund,
        "fulfill": _fulfill,
        "return": _return,
    }
    if verb not in actions:
        raise NotFound(verb)
    actions[verb](order_id)
    return redirect(at("sandbox_admin.order", order_id=order_id), 303)


def _pay(order_id: int) -> None:
    verbs.mark_paid(here(), g.domain, order_id)


def _cancel(order_id: int) -> None:
    verbs.cancel_order(here(), g.domain, order_id, reason=request.form.get("reason", "customer"))


def _refund(order_id: int) -> None:
    verbs.refund_order(here(), g.domain, order_id, lines=_chosen_lines())


def _return(order_id: int) -> None:
    verbs.open_return(here(), g.domain, order_id, lines=_chosen_lines())


def _fulfill(order_id: int) -> None:
    verbs.fulfill(
        here(),
        g.domain,
        order_id,
        lines=_chosen_lines(),
        company=request.form.get("company") or COMPANIES[g.shop["country"]][0],
        number=request.form.get("number", "").strip() or None,
        scenario=request.form.get("scenario", "smooth"),
    )


def _chosen_lines() -> list[tuple[int, int]] | None:
    """The quantities of `line-<id>` fields; None (everything) where the form has none."""
    names = [name for name in request.form if name.startswith("line-")]
    if not names:
        return None
    chosen = [(int(name[5:]), request.form.get(name, 0, type=int)) for name in names]
    return [(line, quantity) for line, quantity in chosen if quantity > 0]


# --- parcels --------------------------------------------------------------------------------------


@admin.post("/orders/<int:order_id>/fulfillments/<int:fulfillment_id>/<verb>")
def parcel(order_id: int, fulfillment_id: int, verb: str) -> Answer:
    """Move a parcel on, or choose what will happen to it."""
    if verb == "advance":
        verbs.advance_parcel(here(), g.domain, fulfillment_id)
    elif verb == "scenario":
        name = request.form.get("scenario", "smooth")
        verbs.choose_scenario(here(), g.domain, fulfillment_id, name)
    else:
        raise NotFound(verb)
    return redirect(at("sandbox_admin.order", order_id=order_id) + f"#parcel-{fulfillment_id}", 303)


@admin.post("/orders/<int:order_id>/subscription/stop")
def stop_subscription(order_id: int) -> Answer:
    """The customer gives the subscription up."""
    verbs.stop_subscription(here(), g.domain, order_id)
    return redirect(at("sandbox_admin.order", order_id=order_id), 303)


@admin.post("/orders/<int:order_id>/returns/<int:return_id>/<verb>")
def act_on_return(order_id: int, return_id: int, verb: str) -> Answer:
    """Decide about a return."""
    if verb not in RETURN_VERBS:
        raise NotFound(verb)
    verbs.act_on_return(here(), g.domain, return_id, verb)
    return redirect(at("sandbox_admin.order", order_id=order_id) + f"#return-{return_id}", 303)


# --- products and customers -----------------------------------------------------------------------


@admin.get("/products")
def products() -> Answer:
    """All products."""
    return render_template("sandbox/admin/products.html", products=verbs.products(here(), g.domain))


@admin.get("/customers")
def customers() -> Answer:
    """All customers."""
    return render_template(
        "sandbox/admin/customers.html", customers=verbs.customers(here(), g.domain)
    )


@admin.post("/customers/<int:customer_id>/<verb>")
def customer(customer_id: int, verb: str) -> Answer:
    """Change the marketing consent, or send one of the compliance requests."""
    s, domain = here(), g.domain
    if verb in ("subscribe", "unsubscribe"):
        verbs.set_marketing(s, domain, customer_id, verb == "subscribe")
    elif verb in ("subscribe-sms", "unsubscribe-sms"):
        verbs.set_sms_marketing(s, domain, customer_id, verb == "subscribe-sms")
    elif verb == "data-request":
        verbs.request_data(s, domain, customer_id)
    elif verb == "redact":
        verbs.request_redaction(s, domain, customer_id)
    else:
        raise NotFound(verb)
    return redirect(at("sandbox_admin.customers"), 303)


# --- webhooks -------------------------------------------------------------------------------------


@admin.get("/deliveries")
def deliveries() -> Answer:
    """The log of webhook deliveries and the switches of the connection."""
    found = verbs.deliveries(here(), g.domain)
    return render_template(
        "sandbox/admin/deliveries.html", deliveries=found, switches=verbs.switches(here())
    )


@admin.get("/deliveries.json")
def deliveries_json() -> Answer:
    """The same for programs; `topic` and `limit` narrow it."""
    limit, topic = request.args.get("limit", 100, type=int), request.args.get("topic")
    return jsonify(deliveries=verbs.deliveries(here(), g.domain, limit=limit, topic=topic))


@admin.post("/deliveries/<int:delivery_id>/redeliver")
def redeliver(delivery_id: int) -> Answer:
    """Post one webhook again."""
    verbs.redeliver(here(), delivery_id)
    return redirect(at("sandbox_admin.deliveries"), 303)


@admin.post("/switches")
def switch() -> Answer:
    """Disturb or calm the world."""
    name, value = request.form.get("name", ""), request.form.get("value", "")
    verbs.set_switch(here(), name, value if name == "smtp" else value == "on")
    return redirect(at("sandbox_admin.deliveries"), 303)


# --- settings -------------------------------------------------------------------------------------


@admin.get("/settings")
def settings() -> Answer:
    """What the shop is."""
    return render_template("sandbox/admin/settings.html", staff=verbs.staff(here(), g.domain))


@admin.get("/settings/checkout")
@admin.get("/settings/checkout/editor")
def editor() -> Answer:
    """The checkout editor: where the app's block stands on each page."""
    page = _editor_page()
    target = EDITOR_TARGETS[page]
    found = [one for one in blocks.extensions(here()) if target in one.targets]
    return render_template(
        "sandbox/admin/editor.html",
        extensions=found if verbs.installation(here(), g.domain) else [],
        page=page,
        placed=target in blocks.placed(here(), g.domain),
    )


@admin.post("/settings/checkout/editor")
def place_block() -> Answer:
    """Place the block, or take it out, and save."""
    on = request.form.get("placed") == "on"
    if on and verbs.installation(here(), g.domain) is None:
        raise verbs.Refused("The app is not installed.")
    page = _editor_page()
    blocks.place(here(), g.domain, EDITOR_TARGETS[page], on=on)
    return redirect(at("sandbox_admin.editor", page=page, context="apps"), 303)


def _editor_page() -> str:
    wished = request.args.get("page", "")
    return wished if wished in EDITOR_TARGETS else "thank-you"
