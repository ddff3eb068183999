"""The tracking page by signed link and through the store's app proxy, the look-up that leads to it,
and the shop's colour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import now
from app.core.errors import Forbidden
from app.core.request import current
from app.shops import service as shops
from app.tracking import lookup, rules, throttle
from app.tracking.queries import find_order, tracking_page

public = Blueprint("tracking", __name__)
proxy = Blueprint("tracking_proxy", __name__)
store = Blueprint("tracking_lookup", __name__)
look = Blueprint("look", __name__)

#: A link that somebody looked up is for now; the mails bring one that lasts.
FOUND_FOR = timedelta(hours=1)


@public.get("")
def show(token: str) -> str:
    """The page as the order's mails link it."""
    visit = current()
    subject = visit.claims or {}
    page = tracking_page(visit.session, int(subject["order"]), visit.locale)
    return render_template("public/tracking/page.html", page=page, brand=_brand())


@proxy.get("/track/<token>")
def show_in_theme(token: str) -> Response:
    """The same page inside the store's theme: Liquid that the store renders."""
    visit = current()
    link = links.read(token, "track", now(visit.session))
    if link.shop_id != visit.shop_id:
        raise Forbidden
    return _order_in_theme(int(link.subject["order"]))


# --- the look-up --------------------------------------------------------------------------------


@proxy.get("/track")
def ask_in_theme() -> Response:
    """The form inside the store's theme."""
    return _liquid("public/tracking/lookup_theme.html", asked=Asked())


@proxy.post("/track")
def find_in_theme() -> Response:
    """The order's page in the store's theme, or the form with the one answer to every miss."""
    order_id, asked = _find(through_store=True)
    if order_id is not None:
        return _order_in_theme(order_id)
    return asked.marked(_liquid("public/tracking/lookup_theme.html", asked=asked))


@store.get("")
def ask(handle: str) -> str:
    """The form on a page of our own, for a store without our proxy in its theme."""
    return render_template("public/tracking/lookup.html", asked=Asked(), brand=_brand())


@store.post("")
def find(handle: str) -> BaseResponse:
    """To the order's page by a link that works for a while, or the one answer to every miss."""
    order_id, asked = _find(through_store=False)
    if order_id is not None:
        visit = current()
        subject = {"order": order_id, "lang": visit.locale}
        token = links.sign(visit.shop_id, "track", subject, now(visit.session) + FOUND_FOR)
        return redirect(url_for("tracking.show", token=token), 303)
    page = render_template("public/tracking/lookup.html", asked=asked, brand=_brand())
    return asked.marked(make_response(page))


@dataclass(frozen=True)
class Asked:
    """What was typed, and what became of it. `wait` is for how many seconds to wait."""

    order: str = ""
    contact: str = ""
    missed: bool = False
    wait: int = 0

    def marked(self, response: Response) -> Response:
        """The answer with its status: 429 for who tries too often, and 200 for every miss."""
        if self.wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(self.wait)
        return response


def _find(*, through_store: bool) -> tuple[int | None, Asked]:
    visit = current()
    order = request.form.get("order", "")[: lookup.LONGEST]
    contact = request.form.get("contact", "")[: lookup.LONGEST]
    who = throttle.address(through_store=through_store)
    # By its digits: `1001` and `#1001` are one order and share its tries.
    wait = throttle.wait_seconds(visit.shop_id, who, lookup.digits(order))
    if wait:
        return None, Asked(order, contact, wait=wait)
    found = find_order(visit.session, order, contact)
    return found, Asked(order, contact, missed=found is None)


def _order_in_theme(order_id: int) -> Response:
    visit = current()
    page = tracking_page(visit.session, order_id, visit.locale)
    return _liquid("public/tracking/theme.html", page=page)


def _liquid(template: str, **values: object) -> Response:
    html = render_template(template, brand=_brand(), **values)
    response = make_response(rules.inert_liquid(html))
    response.content_type = "application/liquid"
    return response


@look.get("/<colour>.css")
def colour(colour: str) -> Response:
    """The shop's colour and a text colour that can be read on it. Nothing else is in it, so it
    may be cached for good: another colour is another address."""
    if not re.fullmatch(r"[0-9a-fA-F]{6}", colour):
        abort(404)
    response = make_response(rules.colour_sheet(colour))
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _brand() -> shops.Brand:
    return shops.brand(shops.shop(current().session))
