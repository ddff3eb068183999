"""A journey changed by its merchant: the form, the versions, files in and out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response

from app.core.errors import NotFound
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.core.request import current
from app.journeys import forms, queries, service, words
from app.journeys.controls import KINDS
from app.journeys.definitions import Mistake, WrongDefinition
from app.journeys.library import definition
from app.journeys.web import fields
from app.messages import queries as messages

#: A definition is a page of text; nobody needs more.
LARGEST_FILE = 100_000


def add_pages(admin: Blueprint) -> None:
    """Register the pages."""
    admin.add_url_rule("/journeys/import", "import_page", import_page)
    admin.add_url_rule("/journeys/import", "import_file", import_file, methods=["POST"])
    admin.add_url_rule("/journeys/<key>/edit", "edit", edit)
    admin.add_url_rule("/journeys/<key>/edit", "change", change, methods=["POST"])
    admin.add_url_rule("/journeys/<key>/export", "export", export)
    admin.add_url_rule(
        "/journeys/<key>/versions/<int:number>", "restore", restore, methods=["POST"]
    )
    admin.add_url_rule("/journeys/<key>/preset", "give_back", give_back, methods=["POST"])


def edit(key: str) -> str:
    """The journey as a form."""
    found = definition(current().session, key)
    return _form(key, forms.head_of(found), forms.steps_of(found), [])


def change(key: str) -> Response:
    """A button of the form: move, add or remove a step, or publish. Nothing typed is lost."""
    session, wish = current().session, request.form.get("do", "publish")
    base = definition(session, key)
    head, steps = forms.read_form(request.form)
    if wish.startswith("drop:"):
        head, steps = forms.less(head, steps, wish)
    if wish != "publish":
        return make_response(_form(key, head, forms.changed(steps, wish), [], wish))
    try:
        service.publish(
            session,
            key,
            forms.text_of(base, head, steps),
            current().staff or "",
            move_running=request.form.get("move") == "yes",
            note=request.form.get("note", "").strip()[:200],
        )
    except WrongDefinition as error:
        return make_response(_form(key, head, steps, error.mistakes), 422)
    return redirect(url_for("journeys.detail", key=key, done="published"), 303)


def _form(
    key: str,
    head: forms.Fields,
    steps: list[forms.Fields],
    mistakes: list[Mistake],
    wish: str = "",
) -> str:
    titles, shelf = words.typed_titles(steps), fields.Shelf(current().session)
    known = titles | words.answer_titles(current().session) if mistakes else titles
    in_words = [Mistake(one.place, fields.reason_text(one, known)) for one in mistakes]
    reviews = any(messages.asks_for_review(step["message"]) for step in steps)
    beside, rest = forms.by_field(in_words, forms.names_of(steps))
    return render_template(
        "admin/journeys/edit.html",
        key=key,
        head=head,
        steps=steps,
        errors=beside,
        rest=rest,
        wrong=len(mistakes),
        wish=wish,
        titles=titles,
        whole=shelf.asked(head, {}),
        asked=[shelf.asked(step, titles) for step in steps],
        offered=[fields.offered(steps[:n], titles, reviews=reviews) for n in range(len(steps))],
        moments=fields.moments(),
        units=fields.units(),
        product_kinds=[(kind, words.kind_text(kind)) for kind in KINDS],
        kinds=[
            (name, messages.kind_title(name, current_locale())) for name in messages.all_kinds()
        ],
        values={"move": request.form.get("move", "no"), "note": request.form.get("note", "")},
    )


def export(key: str) -> str:
    """The journey as a file."""
    text = queries.export_definition(current().session, key)
    return render_template("admin/journeys/export.html", key=key, text=text)


def import_page() -> str:
    """Bring a journey in as a file."""
    return render_template("admin/journeys/import.html", text="", mistakes=[], errors={})


def import_file() -> Response:
    """Publish a file; a wrong one comes back with every place and reason."""
    sent = request.files.get("file")
    typed = request.form.get("text", "")
    # An editor on Windows may put a mark before the first line.
    text = (
        sent.read(LARGEST_FILE).decode("utf-8-sig", "replace") if sent and sent.filename else typed
    )
    if not text.strip():
        return _not_taken(text, [], {"text": _("Choose a file, or paste what it contains.")})
    try:
        found = service.import_definition(
            current().session, text[:LARGEST_FILE], current().staff or ""
        )
    except WrongDefinition as error:
        return _not_taken(text, error.mistakes, {})
    return redirect(url_for("journeys.detail", key=found.key, done="published"), 303)


def _not_taken(text: str, mistakes: list[Mistake], errors: dict[str, str]) -> Response:
    page = render_template(
        "admin/journeys/import.html", text=text, mistakes=mistakes, errors=errors
    )
    return make_response(page, 422)


def restore(key: str, number: int) -> Response:
    """Publish an earlier version's text anew."""
    session = current().session
    for one in queries.versions(session, key):
        if one.version == number and one.state != "draft":
            move = request.form.get("move") == "yes"
            service.publish(session, key, one.body, current().staff or "", move_running=move)
            return redirect(url_for("journeys.detail", key=key, done="published"), 303)
    raise NotFound


def give_back(key: str) -> Response:
    """Follow the preset again, or drop a journey of the shop's own."""
    session = current().session
    service.follow_preset(session, key, move_running=request.form.get("move") == "yes")
    return redirect(url_for("journeys.listing"), 303)
