"""Guides and stories in the admin (one per topic, language and what it is about, with a preview),
and the page behind a printed code."""

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
from app.guides.rules import About
from app.mirror import queries as mirror
from app.shops import service as shops

admin = Blueprint("guides", __name__)
public = Blueprint("guide", __name__)

TYPED = ("title", "body", "image_url", "image_alt", "video_url")


@dataclass(frozen=True)
class Row:
    """What texts can be about, its name, and the titles of its texts; a missing one falls back, to
    nothing where none ships with the app."""

    about: About
    name: str
    own: Mapping[str, str]
    used: Mapping[str, str]


@dataclass(frozen=True)
class Topic:
    """What one kind of text is called, and where its readers meet it."""

    key: str
    name: str
    about: str


@public.get("")
def read(token: str) -> str:
    """What there is to read about a product; it names nobody, and needs no more than the link."""
    visit = current()
    found = mirror.product_by_shopify_id(visit.session, int((visit.claims or {})["product"]))
    product = found if found and not found.deleted_at else None
    brand = shops.brand(shops.shop(visit.session))
    values = {
        **_sample(visit.locale),
        "customer": {},
        "order": {},
        "product": {"title": product.title, "type": product.product_type} if product else {},
    }
    about = queries.subjects([product] if product else [])
    pages = queries.pages_for(visit.session, about, visit.locale, values)
    other = next(each for each in LANGUAGES if each != visit.locale)
    return render_template(
        "public/guide.html", pages=pages, product=product, brand=brand, other=other
    )


@admin.get("/guides")
def listing() -> str:
    """Everything a text can be about, and which one its buyers get, one topic at a time."""
    topic = _topic(request.args.get("topic", "start"))
    session = current().session
    return render_template(
        "admin/guides/list.html",
        rows=_rows(topic.key),
        languages=LANGUAGES,
        done=request.args.get("done", ""),
        topic=topic,
        topics=[_topic(key) for key in queries.TOPICS],
        products=mirror.products(session),
        collections=mirror.collections(session),
    )


@admin.get("/guides/<locale>")
def edit(locale: str) -> str:
    """The editor of one guide. Without a text of its own it starts from the one that serves."""
    _known_locale(locale)
    about = _about(request.args)
    topic = _topic(request.args.get("topic", "start")).key
    session = current().session
    own = queries.exact_guide(session, about, locale, topic)
    guide = own or queries.text_for(session, topic, _subjects(about), locale)
    values = {name: (getattr(guide, name) or "") if guide else "" for name in TYPED}
    return _editor(locale, topic, about, values, {}, own=own is not None)


@admin.post("/guides/<locale>")
def save(locale: str) -> BaseResponse:
    """Keep the text, or show the form again with each mistake and its line."""
    _known_locale(locale)
    draft = _draft()
    try:
        service.save(current().session, draft, locale)
    except Invalid as error:
        values = {name: getattr(draft, name) for name in TYPED}
        page = _editor(locale, draft.topic, draft.about, values, error.errors, own=False)
        return make_response(page, 422)
    return _back("saved", draft.topic)


@admin.post("/guides/<locale>/preview")
def preview(locale: str) -> Response:
    """The text as a buyer would read it, or its mistakes; nothing is kept."""
    _known_locale(locale)
    draft = _draft().tidy
    errors = service.mistakes(draft, locale)
    shown = None if errors else _shown(draft, locale)
    page = render_template("admin/guides/preview.html", guide=shown, errors=errors, locale=locale)
    return make_response(page, 200)


@admin.post("/guides/<locale>/forget")
def forget(locale: str) -> BaseResponse:
    """Go back to the more general guide."""
    _known_locale(locale)
    topic = _topic(request.form.get("topic", "start")).key
    service.forget(current().session, _about(request.form), locale, topic)
    return _back("forgotten", topic)


def _back(done: str, topic: str) -> BaseResponse:
    """To the topic's list, saying what was done."""
    return redirect(url_for("guides.listing", done=done, topic=topic), 303)


def _known_locale(locale: str) -> None:
    if locale not in LANGUAGES:
        raise NotFound


def _about(given: Mapping[str, str]) -> About:
    """What a text is about, by the page's address or its form."""
    product = given.get("product", "")
    if product not in ("", "0"):
        if not product.isdecimal():
            raise NotFound
        return About(product=int(product))
    if given.get("collection"):
        return About(collection=given["collection"])
    return About(product_type=given.get("type", "") or given.get("product_type", ""))


def _subjects(about: About) -> list[rules.Subject]:
    """Whose text would serve: a single product falls back to its collections' and its type's."""
    if about.product:
        found = mirror.product_by_shopify_id(current().session, about.product)
        if found is None:
            raise NotFound
        return queries.subjects([found])
    return [rules.Subject(0, (about.collection,), about.product_type)]


def _draft() -> service.Draft:
    typed = {name: request.form.get(name, "") for name in TYPED}
    topic = _topic(request.form.get("topic", "start")).key
    return service.Draft(about=_about(request.form), topic=topic, **typed)


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
    """The text for everything, every product type, and what else has a text of its own."""
    session = current().session
    own: dict[About, dict[str, str]] = {}
    spelt: dict[About, About] = {About(): About()}
    for kind in mirror.product_types(session):
        spelt.setdefault(About(product_type=kind.lower()), About(product_type=kind))
    for guide in queries.all_guides(session, topic):
        key = queries.about_of(guide)
        own.setdefault(key, {})[guide.locale] = guide.title
        spelt[key] = About(guide.product_shopify_id, guide.collection, guide.product_type)
    return [
        Row(
            about,
            name_of(about),
            own.get(key, {}),
            {lang: _used(topic, about, lang) for lang in LANGUAGES},
        )
        for key, about in sorted(spelt.items())
    ]


def name_of(about: About) -> str:
    """What a text is about, in words."""
    if about.product:
        found = mirror.product_by_shopify_id(current().session, about.product)
        return found.title if found else _("A product that is gone")
    if about.collection:
        return _("Collection “%(name)s”", name=about.collection)
    return about.product_type or _("Everything else (general)")


def _used(topic: str, about: About, locale: str) -> str:
    """The title of the text that serves; empty where there is none."""
    gone = about.product and not mirror.product_by_shopify_id(current().session, about.product)
    subjects = [] if gone else _subjects(about)
    found = queries.text_for(current().session, topic, subjects, locale)
    return found.title if found else ""


def _editor(
    locale: str,
    topic: str,
    about: About,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    own: bool,
) -> str:
    draft = service.Draft(
        title=values["title"],
        body=values["body"],
        image_url=values["image_url"],
        image_alt=values["image_alt"],
        video_url=values["video_url"],
    )
    return render_template(
        "admin/guides/edit.html",
        locale=locale,
        topic=_topic(topic),
        about=about,
        about_name=name_of(about),
        values=values,
        errors=errors,
        own=own,
        guide=_shown(draft, locale) if not errors and values["body"] else None,
        names=rules.EXAMPLES[locale],
        pictures=[one for one in mirror.products(current().session) if one.image_url],
    )


def _shown(draft: service.Draft, locale: str) -> rules.ShownGuide:
    shown = rules.show(draft.title, draft.body, {**rules.EXAMPLES[locale], **_sample(locale)})
    return rules.ShownGuide(
        shown.title, shown.blocks, draft.image_url, draft.image_alt, rules.video(draft.video_url)
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
