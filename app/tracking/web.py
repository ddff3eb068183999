"""The tracking page by signed link and through the store's app proxy, and the shop's colour."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, make_response, render_template

from app.core import links
from app.core.clock import now
from app.core.errors import Forbidden
from app.core.request import current
from app.shops import service as shops
from app.tracking import rules
from app.tracking.queries import tracking_page

public = Blueprint("tracking", __name__)
proxy = Blueprint("tracking_proxy", __name__)
look = Blueprint("look", __name__)


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
    page = tracking_page(visit.session, int(link.subject["order"]), visit.locale)
    html = render_template("public/tracking/theme.html", page=page, brand=_brand())
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
