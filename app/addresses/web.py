"""The merchant's page of addresses: what looks wrong, what buyers wish, and whether they may."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers.response import Response as BaseResponse

from app.addresses import queries, rules, service, words
from app.addresses.model import AddressCase
from app.addresses.rules import Address
from app.core.db import network_apart
from app.core.errors import Invalid
from app.core.locale import current_locale, show_moment
from app.core.locale import gettext as _
from app.core.request import current
from app.mirror.model import Order
from app.shops import service as shops
from app.shops import tokens
from app.shops.settings import AddressSettings

admin = Blueprint("addresses_admin", __name__)
#: The longest cut-off: a week.
MOST_MINUTES = 7 * 24 * 60


@admin.get("/addresses")
def show() -> str:
    """Settings, figures, and what is open."""
    return _page({}, said=_done(request.args.get("done", "")))


@admin.post("/addresses")
def save() -> BaseResponse:
    """Keep whether buyers may put addresses right, and until when."""
    try:
        shops.keep_addresses(current().session, _chosen())
    except Invalid as error:
        return make_response(_page(error.errors), 422)
    return redirect("/app/addresses?done=saved", 303)


@admin.post("/addresses/granted")
def granted() -> BaseResponse:
    """The merchant has allowed more: Shopify's webhook says so too, but may take its time."""
    visit = current()
    with network_apart(visit.session):
        tokens.learn(visit.shop_id)
    return redirect("/app/addresses?done=granted", 303)


@admin.post("/addresses/<int:case_id>/close")
def close(case_id: int) -> BaseResponse:
    """A person has seen to it."""
    visit = current()
    service.close(visit.session, case_id, visit.staff or "")
    return redirect("/app/addresses?done=closed", 303)


def _done(what: str) -> str:
    """What worked. Whoever was asked for a right and said no has changed nothing."""
    if what == "granted":
        may = shops.may(shops.shop(current().session), service.WRITE)
        return _("Okaeri may change orders now.") if may else ""
    return _("Saved.") if what else ""


def _chosen() -> AddressSettings:
    typed = request.form.get("minutes", "").strip()
    if request.form.get("until") != "minutes":
        typed = "0"
    elif not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= MOST_MINUTES):
        raise Invalid({"minutes": _("Write a whole number from 1 to %(most)s.", most=MOST_MINUTES)})
    return AddressSettings(enabled="enabled" in request.form, minutes=int(typed))


def _page(errors: dict[str, str], said: str = "") -> str:
    session = current().session
    shop = shops.shop(session)
    kept = shops.settings_of(shop).addresses
    return render_template(
        "admin/addresses.html",
        rows=[_row(case, order) for case, order in queries.open_cases(session)],
        figures=queries.figures(session),
        kept=kept,
        minutes=request.form.get("minutes", kept.minutes or 60),
        errors=errors,
        said=said,
        may_write=shops.may(shop, service.WRITE),
        scope=service.WRITE,
        short=words.short,
        left=words.left,
        moment=lambda at: show_moment(at, shop.timezone, current_locale()),
    )


def _row(case: AddressCase, order: Order) -> dict[str, object]:
    given = rules.of(order.shipping_address)
    wanted = Address(**case.wanted["to"]) if case.wanted else None
    better = wanted or (rules.check(given).proposal if given else None)
    return {"case": case, "order": order, "given": given, "better": better, "wished": bool(wanted)}
