"""The confirmation screen of a reorder link."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers.response import Response

from app.core.errors import Conflict
from app.core.locale import gettext as _
from app.core.request import current
from app.mirror import live
from app.reorder import rules, service
from app.reorder.queries import Screen, screen, without
from app.shops import service as shops

public = Blueprint("reorder", __name__)


@public.get("")
def show(token: str) -> str:
    """The screen; `?quantity-<line>=2` shows it with other quantities. Orders nothing."""
    return _page(_screen(request.args), _ref(request.args.get("ref")))


@public.post("")
def confirm(token: str) -> Response:
    """Keep what was agreed and go on to the store's checkout; what has sold out since is shown
    first, so that nobody agrees to less than they read."""
    visit = current()
    subject = visit.claims or {}
    shown = _screen(request.form)
    wanted = {one.variant_shopify_id: one.quantity for one in rules.chosen(shown.lines)}
    if not wanted and any(one.available for one in shown.lines):
        page = _page(shown, _ref(request.form.get("ref")), _("Choose at least one product."))
        return make_response(page, 422)
    gone = live.sold_out(visit.session, wanted)
    if gone:
        return make_response(_page(without(shown, gone), _ref(request.form.get("ref"))), 409)
    origin = service.Origin(subject.get("run"), subject.get("message"))
    try:
        checkout = service.confirm(visit.session, shown, origin, _ref(request.form.get("ref")))
    except Conflict:
        return make_response(_page(shown, _ref(None)), 409)
    return redirect(checkout, 303)


def _screen(given: Mapping[str, str]) -> Screen:
    visit = current()
    subject = visit.claims or {}
    line = subject.get("line")
    return screen(visit.session, int(subject["order"]), line, rules.wishes(given))


def _page(shown: Screen, ref: str, error: str = "") -> str:
    brand = shops.brand(shops.shop(current().session))
    return render_template(
        "public/reorder/screen.html", brand=brand, shown=shown, ref=ref, error=error
    )


def _ref(given: str | None) -> str:
    """The word that makes a confirmation unique: the screen's own, or a new one."""
    if given and re.fullmatch(r"[A-Za-z0-9_-]{16,32}", given):
        return given
    return secrets.token_urlsafe(18)
