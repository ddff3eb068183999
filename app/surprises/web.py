"""Surprises in the admin: campaigns, draws that anybody can check, and the caps by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import LANGUAGES, current_locale, show_moment
from app.core.locale import gettext as _
from app.core.money import Money, parse_money
from app.core.request import current
from app.mirror import queries as mirror
from app.shops import service as shops
from app.surprises import queries, rules, service
from app.surprises.model import SurpriseDraw

admin = Blueprint("surprises", __name__)
public = Blueprint("draws", __name__)

AMOUNTS = ("value", "cost", "budget", "least")
NUMBERS = {"winners": 3, "share": 0, "holdout": 10, "days": 7}
TEXTS = ("name", "what", "gift_ja", "gift_en", "handover")
#: No shop gives more away than fits into the column.
MOST = 10**12


@admin.app_template_filter("local_moment")
def local_moment(moment: datetime, zone: str) -> str:
    """Day and clock time in a zone, as people of the language write it."""
    return show_moment(moment, zone, current_locale())


@admin.get("/surprises")
def listing() -> str:
    """All campaigns, and what each has spent this month."""
    session = current().session
    currency = shops.shop(session).currency
    found = queries.campaigns(session)
    spent = {one.id: queries.spent(session, one.id, now(session)) for one in found}
    return render_template(
        "admin/surprises/list.html",
        campaigns=found,
        spent={key: Money(minor, currency) for key, minor in spent.items()},
        currency=currency,
        money=Money,
        said=_said(),
    )


@admin.get("/surprises/new")
def new() -> str:
    """An empty campaign, filled with what suits a small shop."""
    values: dict[str, Any] = dict.fromkeys((*TEXTS, *AMOUNTS), "")
    return _form(values | NUMBERS | {"what": "shipping", "handover": "mail"}, {})


@admin.get("/surprises/<int:campaign_id>")
def show(campaign_id: int) -> str:
    """One campaign with its draws."""
    found = queries.campaign(current().session, campaign_id)
    currency = shops.shop(current().session).currency
    values = {name: getattr(found, name) for name in (*TEXTS, *NUMBERS)}
    for name in AMOUNTS:
        values[name] = Money(getattr(found, f"{name}_minor"), currency).decimal
    return _form(values, {}, campaign_id)


@admin.post("/surprises")
def create() -> BaseResponse:
    """Keep a new campaign; it starts when it is switched on."""
    return _save(None)


@admin.post("/surprises/<int:campaign_id>")
def change(campaign_id: int) -> BaseResponse:
    """Keep what was changed; the draw that is open keeps its terms."""
    queries.campaign(current().session, campaign_id)
    return _save(campaign_id)


@admin.post("/surprises/<int:campaign_id>/switch")
def switch(campaign_id: int) -> BaseResponse:
    """Begin to draw, or stop after the draw that is open."""
    on = request.form.get("on") == "1"
    verb = service.switch_on if on else service.switch_off
    verb(current().session, campaign_id, current().staff or "")
    return redirect(
        url_for("surprises.show", campaign_id=campaign_id, done="on" if on else "off"), 303
    )


@admin.get("/surprises/<int:campaign_id>/draws/<int:number>")
def draw(campaign_id: int, number: int) -> str:
    """One draw as anybody may check it."""
    session = current().session
    found = queries.draw(session, campaign_id, number)
    wins = queries.wins(session, found.id)
    return render_template(
        "admin/surprises/draw.html",
        draw=found,
        campaign=queries.campaign(session, campaign_id),
        winners=[(*won, queries.last_day(session, won.win)) for won in wins],
        public_url=queries.public_url(queries.campaign(session, campaign_id), found),
        zone=shops.shop(session).timezone,
        sales=Money(found.sales_minor or 0, shops.shop(session).currency),
        again=_again(found),
        said=_said(),
    )


@admin.post("/surprises/<int:campaign_id>/draws/<int:number>/wins/<int:win_id>")
def try_again(campaign_id: int, number: int, win_id: int) -> BaseResponse:
    """Have the present of a winner made once more."""
    service.tell(current().session, queries.win(current().session, win_id))
    page = url_for("surprises.draw", campaign_id=campaign_id, number=number, done="again")
    return redirect(page, 303)


@admin.get("/surprises/<int:campaign_id>/draws/<int:number>/record.json")
def record(campaign_id: int, number: int) -> Response:
    """The draw as a file, with all its terms."""
    found = queries.draw(current().session, campaign_id, number)
    return _file(found, {**_proof(found), "terms": found.terms, "held_out": found.held_out})


@public.get("")
def public_draw(token: str) -> str:
    """One draw for everybody: what was fixed before it, and what came of it."""
    visit, subject = current(), current().claims or {}
    session = visit.session
    found = queries.draw(session, subject["campaign"], subject["draw"])
    order = mirror.order(session, subject["order"]) if "order" in subject else None
    other = next(each for each in LANGUAGES if each != visit.locale)
    return render_template(
        "public/draw.html",
        draw=found,
        again=_again(found),
        entry=str(order.shopify_id) if order else "",
        zone=shops.shop(session).timezone,
        record=f"/draws/{token}/record.json",
        brand=shops.brand(shops.shop(session)),
        other=other,
    )


@public.get("/record.json")
def public_record(token: str) -> Response:  # the door has read it
    """The same as a file: with it anybody can draw again and find the same winners. What the shop
    pays for its presents is its own affair."""
    subject = current().claims or {}
    found = queries.draw(current().session, subject["campaign"], subject["draw"])
    shown = ("value_minor", "least_minor", "winners", "share", "holdout")
    terms = {name: found.terms[name] for name in shown}
    return _file(found, {**_proof(found), "terms": terms})


def _proof(found: SurpriseDraw) -> dict[str, Any]:
    return {
        "commitment": found.commitment,
        "opens_at": found.opens_at.isoformat(),
        "closes_at": found.closes_at.isoformat(),
        "seed": found.seed,
        "entries_sha256": found.entries_digest,
        "entries": found.entries,
        "winners": found.winners,
        "limited_by": found.limited_by,
        "rule": "the first n entries by HMAC-SHA256(key=seed, message=entry) in hexadecimal",
    }


def _file(found: SurpriseDraw, kept: dict[str, Any]) -> Response:
    answer = make_response(json.dumps(kept, indent=2, ensure_ascii=False))
    answer.mimetype = "application/json"
    name = f"draw-{found.campaign_id}-{found.number}.json"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@admin.get("/surprises/caps")
def caps() -> str:
    """The caps on prizes by themselves: what may a present be worth?"""
    typed = {name: request.args.get(name, "") for name in ("method", "purchase", "value", "sales")}
    numbers = {name: _whole(typed[name]) for name in ("purchase", "value", "sales")}
    method: rules.Method = "all" if typed["method"] == "all" else "lot"
    purchase, value, sales = numbers["purchase"], numbers["value"], numbers["sales"]
    total = rules.total_cap(method, sales) if sales is not None else None
    return render_template(
        "admin/surprises/caps.html",
        typed=typed,
        method=method,
        cap=rules.cap(method, purchase) if purchase is not None else None,
        total=total,
        count=total // value if total is not None and value else None,
        needed=rules.least_purchase(method, value) if value else None,
        value=value,
        over=purchase is not None and value is not None and value > rules.cap(method, purchase),
        yen=lambda amount: Money(amount, "JPY"),
    )


def _again(found: Any) -> bool | None:
    """Whether drawing anew from what is kept gives the same; None before the draw."""
    if found.drawn_at is None:
        return None
    return bool(
        rules.commitment(found.seed) == found.commitment
        and rules.digest(found.entries) == found.entries_digest
        and rules.draw(found.seed, found.entries, len(found.winners)) == found.winners
    )


def _save(campaign_id: int | None) -> BaseResponse:
    draft, errors = _typed()
    errors = {**service.mistakes(current().session, draft), **errors}
    if not errors:
        try:
            kept = service.save(current().session, draft, campaign_id)
            return redirect(url_for("surprises.show", campaign_id=kept.id, done="saved"), 303)
        except Invalid as error:
            errors = error.errors
    values = {name: request.form.get(name, "") for name in (*TEXTS, *AMOUNTS, *NUMBERS)}
    return make_response(_form(values, errors, campaign_id), 422)


def _typed() -> tuple[service.Draft, dict[str, str]]:
    """What was typed, and the fields that are no numbers."""
    currency = shops.shop(current().session).currency
    errors: dict[str, str] = {}
    values: dict[str, Any] = {name: request.form.get(name, "").strip()[:120] for name in TEXTS}
    values["name"] = values["name"][:80]
    for name in AMOUNTS:
        try:
            minor = parse_money(request.form.get(name, "").replace(",", "") or "0", currency).minor
        except ValueError:
            minor = -1
        if not 0 <= minor < MOST:
            errors[name] = _("Please type an amount.")
        values[f"{name}_minor"] = minor
    for name in NUMBERS:
        count = _whole(request.form.get(name, "") or "0")
        if count is None:
            errors[name] = _("Please type a whole number.")
        values[name] = count or 0
    return service.Draft(**values), errors


def _whole(text: str) -> int | None:
    """A whole number from 0, thousands' commas allowed; None for anything else or nothing."""
    plain = text.replace(",", "").strip()
    return int(plain) if plain.isdecimal() and len(plain) <= 9 else None


def _form(
    values: Mapping[str, Any], errors: Mapping[str, str], campaign_id: int | None = None
) -> str:
    session = current().session
    home = shops.shop(session)
    found = queries.campaign(session, campaign_id) if campaign_id else None
    return render_template(
        "admin/surprises/campaign.html",
        campaign=found,
        draws=queries.draws(session, found.id) if found else [],
        values=values,
        errors=errors,
        whats=[(key, text) for key, text in what_words().items()],
        currency=home.currency,
        zone=home.timezone,
        capped=queries.capped(session),
        said=_said(),
    )


def what_words() -> dict[str, str]:
    """What may be given, in words."""
    return {
        "shipping": _("Free shipping"),
        "upgrade": _("An upgrade"),
        "extra": _("An extra in the box"),
        "early": _("Early access"),
    }


def _said() -> str:
    """What was just done, in words."""
    return {
        "saved": _("The campaign was saved."),
        "on": _("The draw is open; its seed is committed to."),
        "again": _("Shopify is asked once more."),
        "off": _("No further draws; the open one is still held."),
    }.get(request.args.get("done", ""), "")
