"""The order status page, with the app's block. It is opened by its secret link, so nobody is logged
in: the extension's state is `pre_authenticated`, as Shopify's is after a link in a mail."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request

from app.core.errors import NotFound
from app.core.locale import choose_locale
from app.sandbox import verbs
from app.sandbox.returns import REASONS
from app.sandbox.running import here
from app.sandbox.web import frames
from app.sandbox.web.checkout import ships
from app.sandbox.web.extension import ORDER_STATUS
from app.sandbox.web.shell import Answer, speak
from app.sandbox.web.store import store_face, to, wished_locale

order_status = store_face("order_status")


@order_status.get("/orders/<token>")
def show(token: str) -> Answer:
    """The order, and the block for an order that came from a checkout."""
    order = _find(token)
    return render_template(
        "sandbox/store/order_status.html",
        order=order,
        ships=ships(order),
        returns=verbs.returns_of(here(), g.domain, order["id"]),
        returnable=verbs.returnable(here(), g.domain, order["id"]),
        reasons=REASONS,
        block=frames.block_at(ORDER_STATUS) if _checkout(order) else None,
        host=request.host_url.rstrip("/"),
    )


@order_status.post("/orders/<token>/returns")
def ask_return(token: str) -> Answer:
    """The shopper asks to send something back."""
    order, form = _find(token), request.form
    names = [name for name in form if name.startswith("line-")]
    chosen = [(int(name[5:]), form.get(name, 0, type=int)) for name in names]
    reason = form.get("reason", "")
    verbs.request_return(
        here(),
        g.domain,
        order["id"],
        [(line, count) for line, count in chosen if count > 0],
        reason=reason if reason in REASONS else "other",
        note=form.get("note", "")[:300],
    )
    return redirect(to("sandbox_order_status.show", token=token) + "#returns", 303)


@order_status.get("/orders/<token>/extension")
def frame(token: str) -> Answer:
    """The document the extension renders into."""
    order = _find(token)
    checkout = _checkout(order)
    if checkout is None:
        raise NotFound(token)
    return frames.frame(ORDER_STATUS, checkout, order)


@order_status.get("/orders/<token>/extension.js")
def script(token: str) -> Answer:
    """The built bundle."""
    _find(token)
    return frames.script(ORDER_STATUS)


@order_status.get("/orders/<token>/session-token")
def session_token(token: str) -> Answer:
    """The token the extension shows to its own server."""
    _find(token)
    return frames.token(ORDER_STATUS)


def _find(token: str) -> dict[str, Any]:
    order: dict[str, Any] | None = verbs.find_order(here(), g.domain, token=token)
    if order is None:
        raise NotFound(token)
    speak(choose_locale(wished_locale(), order["locale"], g.shop["locale"]))
    return order


def _checkout(order: dict[str, Any]) -> dict[str, Any] | None:
    token = order.get("checkout_token")
    found: dict[str, Any] | None = verbs.checkout(here(), g.domain, token) if token else None
    return found
