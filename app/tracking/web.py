"""The tracking page by signed link and through the store's app proxy, what can be done from it, the
look-up that leads to it, and the shop's colour and letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

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

from app.addresses import pushing
from app.addresses import queries as address_queries
from app.addresses import service as addresses
from app.addresses import words as address_words
from app.addresses.model import AddressCase
from app.core import links, prefectures
from app.core.clock import now
from app.core.drawn import Drawn
from app.core.errors import Forbidden, Invalid
from app.core.locale import gettext as _
from app.core.money import Money
from app.core.request import current
from app.core.runtime import runtime
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.parcels import at_door, cases
from app.recommendations.queries import reason_text
from app.shops import service as shops
from app.tracking import calendar, lookup, rules, service, throttle
from app.tracking.queries import TrackingPage, expected_days, find_order, tracking_page

public = Blueprint("tracking", __name__)
admin = Blueprint("tracking_admin", __name__)
proxy = Blueprint("tracking_proxy", __name__)
store = Blueprint("tracking_lookup", __name__)
look = Blueprint("look", __name__)

#: In a link's subject: whoever holds it has looked the order up, and knows no more of it.
LOOKED_UP = "found"
#: A link that somebody looked up is for now; the mails bring one that lasts.
FOUND_FOR = timedelta(hours=1)
LINE_FOR = timedelta(days=180)
SETTINGS_FOR = timedelta(days=1)

_drawn: Drawn[str] = Drawn()


@public.get("")
def show(token: str) -> str:
    """The page as the order's mails link it."""
    visit = current()
    # The words of the address itself are on the page.
    key = (token, request.query_string, visit.locale)
    return _drawn.show(visit.session, key, lambda: _own_page(token))


def _own_page(token: str, **answered: Any) -> str:
    claims, wish = current().claims or {}, request.args.get("lang")
    known = not claims.get(LOOKED_UP)
    order_id = int(claims["order"])
    return _page(
        order_id,
        "public/tracking/page.html",
        f"/t/{token}",
        known=known,
        asks=True,
        tongue=f"?{urlencode({'lang': wish})}" if wish else "",
        **answered,
    )


@public.get("/expected.ics")
def calendar_entry(token: str) -> Response:
    """The expected days of a parcel (`?parcel=`), or of an order not yet shipped, for calendars."""
    visit = current()
    order_id = int((visit.claims or {})["order"])
    days = expected_days(visit.session, order_id, request.args.get("parcel", type=int))
    brand = _brand()
    name = f"okaeri-{visit.shop_id}-{order_id}-{request.args.get('parcel', type=int) or 0}"
    made = make_response(
        calendar.entry(
            uid=f"{name}@{urlsplit(runtime().settings.app_url).hostname}",
            title=_("Delivery from %(shop)s", shop=brand.name),
            text=_("The expected day may change. The page always shows the latest status."),
            url=_absolute(f"/t/{token}"),
            first=days[0],
            last=days[1],
            at=now(visit.session),
        )
    )
    made.content_type = "text/calendar; charset=utf-8"
    made.headers["Content-Disposition"] = 'attachment; filename="delivery.ics"'
    return made


@public.post("/parcels/<int:parcel_id>/not-received")
def not_received(token: str, parcel_id: int) -> BaseResponse:
    """A shopper does not find a delivered parcel: a person of the shop looks after it."""
    visit = current()
    order_id = int((visit.claims or {})["order"])
    service.miss(visit.session, order_id, parcel_id, request.form.get("note", ""))
    return redirect(_back(token, f"parcel-{parcel_id}"), 303)


@public.post("/confirmation")
def send_confirmation(token: str) -> BaseResponse:
    """The buyer wants the mail that confirms their consent to advertising."""
    visit = current()
    service.send_confirmation(visit.session, int((visit.claims or {})["order"]))
    return redirect(_back(token, "confirmation", sent=1), 303)


@public.post("/address")
def address(token: str) -> BaseResponse:
    """A shopper puts the order's address right, or says that it is; while nothing is shipped."""
    visit = current()
    claims = visit.claims or {}
    if claims.get(LOOKED_UP):
        # An order number and a postal code are no proof of who may send a parcel elsewhere.
        raise Forbidden
    order = mirror.order(visit.session, int(claims["order"]))
    try:
        case = _answered(order)
    except Invalid as error:
        page = _own_page(token, errors=error.errors, typed=request.form)
        return make_response(page, error.status)
    if case.state == "asked":
        pushing.push_now(visit.session, case.id)
    return redirect(_back(token, "address"), 303)


def _back(token: str, part: str, sent: int | None = None) -> str:
    """That part of the page again, in the language that it was read in."""
    wish = request.args.get("lang")
    return url_for("tracking.show", token=token, lang=wish, sent=sent, _anchor=part)


def _answered(order: Order) -> AddressCase:
    session, what = current().session, request.form.get("do")
    if what == "fix":
        return addresses.fix(session, order)
    if what == "keep":
        return addresses.keep(session, order)
    return addresses.edit(session, order, request.form)


@admin.post("/parcel-cases/<int:case_id>/close")
def close_case(case_id: int) -> BaseResponse:
    """It is settled; what waited goes on."""
    visit = current()
    case = service.close(visit.session, case_id, visit.staff or "")
    return redirect(f"/app/orders/{case.order_id}?done=case-closed", 303)


@proxy.get("/track/<token>")
def show_in_theme(token: str) -> Response:
    """The same page inside the store's theme: Liquid that the store renders."""
    visit = current()
    link = links.read(token, "track", now(visit.session))
    if link.shop_id != visit.shop_id:
        raise Forbidden
    order_id, known = int(link.subject["order"]), not link.subject.get(LOOKED_UP)
    key = ("theme", order_id, known, visit.locale)
    return _as_liquid(
        _drawn.show(visit.session, key, lambda: _order_in_theme(order_id, known=known))
    )


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
        return _as_liquid(_order_in_theme(order_id, known=False))
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
        subject = {"order": order_id, "lang": visit.locale, LOOKED_UP: True}
        token = links.sign(visit.shop_id, "track", subject, now(visit.session) + FOUND_FOR)
        return redirect(url_for("tracking.show", token=token), 303)
    page = render_template("public/tracking/lookup.html", asked=asked, brand=_brand())
    return asked.marked(make_response(page))


@dataclass(frozen=True)
class Asked:
    """What was typed, and what became of it. `wait` is for how many seconds to wait; `empty` names
    the fields with nothing in them."""

    order: str = ""
    contact: str = ""
    missed: bool = False
    wait: int = 0
    empty: tuple[str, ...] = ()

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
    empty = tuple(name for name in ("order", "contact") if not request.form.get(name, "").strip())
    if empty:
        # Nothing is looked up, so nothing is told, and it is no try: whoever sent it sees it, too.
        return None, Asked(order, contact, empty=empty)
    who = throttle.address(through_store=through_store)
    # By its digits: `1001` and `#1001` are one order and share its tries.
    wait = throttle.wait_seconds(visit.shop_id, who, lookup.digits(order))
    if wait:
        return None, Asked(order, contact, wait=wait)
    found = find_order(visit.session, order, contact)
    return found, Asked(order, contact, missed=found is None)


def _order_in_theme(order_id: int, *, known: bool) -> str:
    visit = current()
    subject = {"order": order_id, "lang": visit.locale, LOOKED_UP: not known}
    token = links.sign(visit.shop_id, "track", subject, now(visit.session) + FOUND_FOR)
    # Forms and files are on our own door: the store's proxy passes neither on.
    base = _absolute(f"/t/{token}")
    return _page(order_id, "public/tracking/theme.html", base, known=known)


def _page(
    order_id: int,
    template: str,
    base: str,
    *,
    known: bool,
    asks: bool = False,
    tongue: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """The order's page; `base` is where its actions lie. `known` says that whoever reads it has a
    link that we gave the buyer, and may see where the order goes and move its news to their LINE;
    `asks` whether it asks if the mail that confirms a consent is wanted; `tongue` keeps the
    language that was chosen; `errors` and `typed` are
    what became of the address form."""
    visit = current()
    order = mirror.order(visit.session, order_id)
    page = tracking_page(visit.session, order, visit.locale)
    return render_template(
        template,
        page=page,
        brand=_brand(),
        base=base,
        tongue=tongue,
        asks=asks and page.unconfirmed,
        known=known,
        at_door=""
        if page.arrived
        else at_door.told(visit.session, order, visit.locale, split=bool(page.unsent)),
        mailed=bool(order.email),
        cases=cases,
        line=_line(page, order) if known else None,
        reason_text=reason_text,
        price=lambda one: Money(one.price_minor, one.currency),
        address=address_queries.shown(visit.session, order, arrived=page.arrived)
        if known
        else None,
        address_words=address_words,
        prefectures=prefectures.names(visit.locale),
        errors=errors or {},
        typed=typed or {},
    )


def _line(page: TrackingPage, order: Order) -> dict[str, str] | None:
    """One tap links the order to the reader's LINE; once it is linked, another leads to where they
    choose what comes there, or end the connection."""
    if page.line is None:
        return None
    visit = current()
    moment = now(visit.session)
    if page.line == "linked":
        reader = {"customer": order.customer_id, "lang": visit.locale}
        token = links.sign(visit.shop_id, "preferences", reader, moment + SETTINGS_FOR)
        return {"settings": _absolute(f"/preferences/{token}#line")}
    subject = {"order": page.order_id, "lang": visit.locale}
    return {
        "link": _absolute(f"/l/{links.sign(visit.shop_id, 'line', subject, moment + LINE_FOR)}")
    }


def _absolute(path: str) -> str:
    return runtime().settings.app_url.rstrip("/") + path


def _liquid(template: str, **values: object) -> Response:
    return _as_liquid(render_template(template, brand=_brand(), **values))


def _as_liquid(html: str) -> Response:
    response = make_response(rules.inert_liquid(html))
    response.content_type = "application/liquid"
    return response


@look.get("/<colour>.svg")
def icon(colour: str) -> Response:
    """What a browser's tab shows of a page of ours: a parcel in the shop's colour."""
    if not re.fullmatch(r"[0-9a-fA-F]{6}", colour):
        abort(404)
    response = make_response(rules.icon(colour))
    response.content_type = "image/svg+xml; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@look.get("/<colour>.css")
@look.get("/<colour>-<font>.css")
def colour(colour: str, font: str = "gothic") -> Response:
    """The shop's colour, a text colour that can be read on it, and its letters. Nothing else is in
    it, so it may be cached for good: another look is another address."""
    if not re.fullmatch(r"[0-9a-fA-F]{6}", colour) or font not in rules.FONTS:
        abort(404)
    response = make_response(rules.look_sheet(colour, font))
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _brand() -> shops.Brand:
    return shops.brand(shops.shop(current().session))
