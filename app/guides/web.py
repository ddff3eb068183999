"""Start guides in the admin: one per product type and language, with a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid, NotFound
from app.core.locale import LANGUAGES
from app.core.request import current
from app.guides import queries, rules, service
from app.mirror import queries as mirror
from app.shops import service as shops

admin = Blueprint("guides", __name__)


@dataclass(frozen=True)
class Row:
    """One product type with the titles of its guides; a missing one falls back."""

    product_type: str
    own: Mapping[str, str]
    used: Mapping[str, str]


@admin.get("/guides")
def listing() -> str:
    """Every product type in the shop, and which guide its buyers get."""
    done = request.args.get("done", "")
    return render_template("admin/guides/list.html", rows=_rows(), languages=LANGUAGES, done=done)


@admin.get("/guides/<locale>")
def edit(locale: str) -> str:
    """The editor of one guide. Without a text of its own it starts from the one that serves."""
    _known_locale(locale)
    product_type = request.args.get("type", "")
    session = current().session
    own = queries.exact_guide(session, product_type, locale)
    guide = own or queries.guide_for(session, [product_type], locale)
    values = {"product_type": product_type, "title": guide.title, "body": guide.body}
    return _editor(locale, values, {}, own=own is not None)


@admin.post("/guides/<locale>")
def save(locale: str) -> BaseResponse:
    """Keep the text, or show the form again with each mistake and its line."""
    _known_locale(locale)
    values = _typed()
    try:
        service.save(current().session, locale=locale, **values)
    except Invalid as error:
        return make_response(_editor(locale, values, error.errors, own=False), 422)
    return _back("saved")


@admin.post("/guides/<locale>/preview")
def preview(locale: str) -> Response:
    """The text as a buyer would read it, or its mistakes; nothing is kept."""
    _known_locale(locale)
    values = _typed()
    errors = service.mistakes(locale=locale, **values)
    shown = None if errors else rules.show(values["title"], values["body"], _sample(locale))
    page = render_template("admin/guides/preview.html", guide=shown, errors=errors, locale=locale)
    return make_response(page, 200)


@admin.post("/guides/<locale>/forget")
def forget(locale: str) -> BaseResponse:
    """Go back to the more general guide."""
    _known_locale(locale)
    values = _typed()
    service.forget(current().session, product_type=values["product_type"], locale=locale)
    return _back("forgotten")


def _back(done: str) -> BaseResponse:
    """To the list, saying what was done."""
    return redirect(url_for("guides.listing", done=done), 303)


def _known_locale(locale: str) -> None:
    if locale not in LANGUAGES:
        raise NotFound


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("product_type", "title", "body")}


def _rows() -> list[Row]:
    session = current().session
    own: dict[str, dict[str, str]] = {}
    for guide in queries.all_guides(session):
        own.setdefault(guide.product_type, {})[guide.locale] = guide.title
    known = mirror.product_types(session)
    written = {kind.lower() for kind in own}
    types = ["", *sorted(set(own) - {""}), *(k for k in known if k.lower() not in written)]
    return [
        Row(
            kind,
            own.get(kind, {}),
            {lang: queries.guide_for(session, [kind], lang).title for lang in LANGUAGES},
        )
        for kind in types
    ]


def _editor(locale: str, values: Mapping[str, str], errors: Mapping[str, str], *, own: bool) -> str:
    shown = None
    if not errors:
        shown = rules.show(values["title"], values["body"], _sample(locale))
    return render_template(
        "admin/guides/edit.html",
        locale=locale,
        values=values,
        errors=errors,
        own=own,
        guide=shown,
        names=rules.EXAMPLES[locale],
    )


def _sample(locale: str) -> dict[str, dict[str, str]]:
    """The examples, with the shop's own name and contacts where they are filled in."""
    brand = shops.brand(shops.shop(current().session))
    own = {
        "name": brand.name,
        "support_email": brand.support_email,
        "support_phone": brand.support_phone,
        "support_hours": brand.support_hours,
    }
    return {**rules.EXAMPLES[locale], "shop": own}
