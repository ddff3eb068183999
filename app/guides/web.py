"""Guides and stories in the admin: one per topic, product type and language, with a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid, NotFound
from app.core.locale import LANGUAGES
from app.core.locale import gettext as _
from app.core.request import current
from app.guides import queries, rules, service
from app.mirror import queries as mirror
from app.shops import service as shops

admin = Blueprint("guides", __name__)


@dataclass(frozen=True)
class Row:
    """One product type with the titles of its texts; a missing one falls back, to nothing where
    none ships with the app."""

    product_type: str
    own: Mapping[str, str]
    used: Mapping[str, str]


@dataclass(frozen=True)
class Topic:
    """What one kind of text is called, and where its readers meet it."""

    key: str
    name: str
    about: str


@admin.get("/guides")
def listing() -> str:
    """Every product type in the shop, and which text its buyers get, one topic at a time."""
    topic = _topic(request.args.get("topic", "start"))
    return render_template(
        "admin/guides/list.html",
        rows=_rows(topic.key),
        languages=LANGUAGES,
        done=request.args.get("done", ""),
        topic=topic,
        topics=[_topic(key) for key in queries.TOPICS],
    )


@admin.get("/guides/<locale>")
def edit(locale: str) -> str:
    """The editor of one guide. Without a text of its own it starts from the one that serves."""
    _known_locale(locale)
    product_type = request.args.get("type", "")
    topic = _topic(request.args.get("topic", "start")).key
    session = current().session
    own = queries.exact_guide(session, product_type, locale, topic)
    guide = own or queries.text_for(session, topic, [product_type], locale)
    values = {
        "topic": topic,
        "product_type": product_type,
        "title": guide.title if guide else "",
        "body": guide.body if guide else "",
    }
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
    return _back("saved", values["topic"])


@admin.post("/guides/<locale>/preview")
def preview(locale: str) -> Response:
    """The text as a buyer would read it, or its mistakes; nothing is kept."""
    _known_locale(locale)
    values = _typed()
    said = {name: text for name, text in values.items() if name != "topic"}
    errors = service.mistakes(locale=locale, **said)
    shown = None if errors else rules.show(values["title"], values["body"], _sample(locale))
    page = render_template("admin/guides/preview.html", guide=shown, errors=errors, locale=locale)
    return make_response(page, 200)


@admin.post("/guides/<locale>/forget")
def forget(locale: str) -> BaseResponse:
    """Go back to the more general guide."""
    _known_locale(locale)
    values = _typed()
    service.forget(
        current().session,
        product_type=values["product_type"],
        locale=locale,
        topic=values["topic"],
    )
    return _back("forgotten", values["topic"])


def _back(done: str, topic: str) -> BaseResponse:
    """To the topic's list, saying what was done."""
    return redirect(url_for("guides.listing", done=done, topic=topic), 303)


def _known_locale(locale: str) -> None:
    if locale not in LANGUAGES:
        raise NotFound


def _typed() -> dict[str, str]:
    typed = {name: request.form.get(name, "") for name in ("product_type", "title", "body")}
    return {"topic": _topic(request.form.get("topic", "start")).key, **typed}


def _topic(key: str) -> Topic:
    """A topic in words; `NotFound` for one there is not."""
    if key not in queries.TOPICS:
        raise NotFound
    names = {
        "start": (_("Start guide"), _("Sent on arrival, and on the tracking page.")),
        "questions": (_("First questions"), _("Sent a week after the first arrival.")),
        "story": (_("Story"), _("How it was made. Sent while the parcel is on its way.")),
        "brand": (_("About us"), _("Who you are. Sent to first-time buyers.")),
        "tips": (_("A little extra"), _("Sent unannounced in the first week, as a thank-you.")),
        "basics": (_("Course, week 1"), _("For products that take getting used to: the basics.")),
        "practice": (_("Course, week 2"), _("For products that take getting used to: a step on.")),
        "mastery": (_("Course, week 3"), _("For products that take getting used to: mastery.")),
    }
    return Topic(key, *names[key])


def _rows(topic: str) -> list[Row]:
    session = current().session
    own: dict[str, dict[str, str]] = {}
    for guide in queries.all_guides(session, topic):
        own.setdefault(guide.product_type, {})[guide.locale] = guide.title
    known = mirror.product_types(session)
    written = {kind.lower() for kind in own}
    types = ["", *sorted(set(own) - {""}), *(k for k in known if k.lower() not in written)]
    return [
        Row(
            kind,
            own.get(kind, {}),
            {lang: _used(topic, kind, lang) for lang in LANGUAGES},
        )
        for kind in types
    ]


def _used(topic: str, product_type: str, locale: str) -> str:
    """The title of the text that serves; empty where there is none."""
    found = queries.text_for(current().session, topic, [product_type], locale)
    return found.title if found else ""


def _editor(locale: str, values: Mapping[str, str], errors: Mapping[str, str], *, own: bool) -> str:
    shown = None
    if not errors and values["body"]:
        shown = rules.show(values["title"], values["body"], _sample(locale))
    return render_template(
        "admin/guides/edit.html",
        locale=locale,
        topic=_topic(values["topic"]),
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
