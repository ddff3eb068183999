"""The merchant's pages of offers: the list, one offer, how it looks, what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.locale import choose_locale, current_locale, show_moment, use_locale
from app.core.request import current
from app.messages.queries import kind_title
from app.messages.texts.cases import against_offers
from app.mirror import queries as mirror
from app.shops import service as shops
from app.thankyou import imagined as imagined_page
from app.thankyou import page
from app.thankyou.api import Answer
from app.thankyou.modules import words
from app.thankyou.offers import history, imagining, keeping
from app.thankyou.offers.conditions import read

admin = Blueprint("offers", __name__)

WIDTHS = {"360": 360, "600": 600}
SEVERAL = ("variants", "products")


@admin.get("/offers")
def listing() -> str:
    """All offers in the order in which they are tried."""
    session = current().session
    return render_template(
        "admin/offers/list.html",
        offers=keeping.offers(session),
        figures=history.figures(session),
        conditions=read,
        titles=_titles(),
        shop=shops.shop(session),
        untrue=against_offers(session),
        kind_title=lambda kind: kind_title(kind, current().locale),
    )


@admin.get("/offers/new")
def new() -> str:
    """An empty form."""
    return _form(None, keeping.values(None, _currency()), {})


@admin.get("/offers/<int:offer_id>")
def edit(offer_id: int) -> str:
    """One offer."""
    found = keeping.offer(current().session, offer_id)
    return _form(offer_id, keeping.values(found, _currency()), {})


@admin.post("/offers/new")
@admin.post("/offers/<int:offer_id>")
def save(offer_id: int | None = None) -> BaseResponse:
    """Keep it; with mistakes the form comes back with them and with what was typed."""
    chosen = {name: request.form.getlist(name) for name in SEVERAL}
    try:
        keeping.save(current().session, offer_id, request.form, chosen, _currency())
    except Invalid as error:
        typed = {**request.form, **{name: _numbers(chosen[name]) for name in SEVERAL}}
        return make_response(_form(offer_id, typed, error.errors), 422)
    return _back()


@admin.post("/offers/<int:offer_id>/switch")
def switch(offer_id: int) -> BaseResponse:
    """On or off."""
    keeping.switch(current().session, offer_id, on=request.form.get("on") == "yes")
    return _back()


@admin.post("/offers/<int:offer_id>/move")
def move(offer_id: int) -> BaseResponse:
    """Earlier or later."""
    keeping.move(current().session, offer_id, up=request.form.get("to") == "up")
    return _back()


@admin.post("/offers/<int:offer_id>/untimed")
def untimed(offer_id: int) -> BaseResponse:
    """No deadline any more."""
    keeping.without_timer(current().session, offer_id)
    return _back()


@admin.post("/offers/<int:offer_id>/remove")
def remove(offer_id: int) -> BaseResponse:
    """Take it away."""
    keeping.remove(current().session, offer_id)
    return _back()


@admin.get("/offers/decisions")
def decisions() -> str:
    """Why offers did or did not appear, the newest first."""
    session, outcome = current().session, request.args.get("outcome", "")
    offer_id, before = request.args.get("offer", type=int), request.args.get("before", type=int)
    zone = shops.shop(session).timezone
    found = history.recent(session, offer_id=offer_id, outcome=outcome, before=before)
    return render_template(
        "admin/offers/decisions.html",
        found=[one for _number, one in found],
        older=found[-1][0] if len(found) == history.PAGE else None,
        offers=keeping.offers(session),
        offer_id=offer_id,
        outcome=outcome,
        moment=lambda at: show_moment(at, zone, current_locale()),
    )


@admin.get("/offers/evidence.csv")
def evidence() -> Response:
    """What was promised and kept, for whoever has to prove it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(history.COLUMNS)
    writer.writerows(_inert(row) for row in history.evidence(current().session))
    # With its mark at the beginning, spreadsheets read the file as what it is.
    answer = make_response("\ufeff" + text.getvalue())
    answer.content_type = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="offers.csv"'
    return answer


@admin.get("/offers/preview")
def preview() -> str:
    """The block as customers see it, with what is set up now: at the chosen moment of an order, for
    the chosen kind of buyer."""
    session = current().session
    shop = shops.shop(session)
    width = request.args.get("width", "360")
    language = choose_locale(request.args.get("locale"), shop.locale)
    offer_id = request.args.get("offer", type=int)
    stages, buyers = imagined_page.stages(), imagined_page.buyers()
    stage, buyer = _one_of(stages, "stage"), _one_of(buyers, "buyer")
    imagined = imagining.imagine(session, language, offer_id)
    whole = imagined_page.imagine(session, language, stage, buyer)
    with use_locale(language):
        shown = page.answer(session, *imagined.page_of(whole, stage))
    return render_template(
        "admin/offers/preview.html",
        answer=shown,
        width=WIDTHS.get(width, 360),
        stages=stages,
        stage=stage,
        buyers=buyers,
        buyer=buyer,
        missing=_missing(shown),
        language=language,
        offer_id=imagined.offer_id,
        offers=keeping.offers(session),
        nothing=imagined.nothing,
    )


def _one_of(known: Mapping[str, str], name: str) -> str:
    """What was chosen of a list, else its first."""
    wish = request.args.get(name, "")
    return wish if wish in known else next(iter(known))


def _missing(shown: Answer) -> list[str]:
    """The parts that this buyer would not see at this moment, by name."""
    there = {one.key for one in shown.modules}
    there |= {"offer"} if shown.offer or shown.offer_over else set()
    there |= {"line"} if shown.line else set()
    return [name for key, name in words.names().items() if key not in there]


def _form(offer_id: int | None, values: Mapping[str, Any], errors: dict[str, str]) -> str:
    session = current().session
    return render_template(
        "admin/offers/edit.html",
        offer_id=offer_id,
        values=values,
        errors=errors,
        goods=imagining.sellable(session),
        products=mirror.products(session, limit=1000),
        shop=shops.shop(session),
    )


def _titles() -> dict[int, str]:
    return {variant.shopify_id: title for title, variant in imagining.sellable(current().session)}


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _inert(row: list[str]) -> list[str]:
    """A product's name that begins like a formula stays a name in a spreadsheet."""
    return [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in row]


def _currency() -> str:
    return shops.shop(current().session).currency


def _back() -> BaseResponse:
    return redirect(url_for("offers.listing"), 303)
