"""The merchant's pages for lists from other mail services: upload, look, choose, watch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.consent import importing, queries, service, words
from app.consent.model import ConsentImport
from app.consent.web.admin import download, moment, safe
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.core.request import current

imports = Blueprint("consent_imports", __name__)

#: A hundred thousand rows are about ten megabytes.
LARGEST_FILE = 64 * 1024 * 1024
#: What spreadsheets call them.
ENCODINGS = {"cp932": "Shift_JIS", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}


@imports.get("/consent/imports")
def listing() -> str:
    """The lists so far, and the form for the next."""
    return _listing({})


@imports.post("/consent/imports")
def upload() -> BaseResponse:
    """Keep a file and show what we see in it; nobody is touched yet."""
    request.max_content_length = LARGEST_FILE
    file = request.files.get("file")
    if file is None or not file.filename:
        return make_response(_listing({"file": _("Choose a file.")}), 422)
    try:
        kept = service.receive_import(
            current().session, file.filename, _pieces(file.stream), current().staff or ""
        )
    except Invalid as error:
        return make_response(_listing(error.errors), 422)
    return redirect(url_for("consent_imports.one", import_id=kept.id), 303)


@imports.get("/consent/imports/<int:import_id>")
def one(import_id: int) -> str:
    """A list: what is in it, how far it is, and what could not be read."""
    return _one(service.find_import(current().session, import_id), {})


@imports.post("/consent/imports/<int:import_id>/start")
def start(import_id: int) -> BaseResponse:
    """The merchant has said what the list means."""
    session = current().session
    try:
        service.start_import(
            session,
            import_id,
            request.form.get("choice", ""),
            confirmed="confirmed" in request.form,
        )
    except Invalid as error:
        page = _one(service.find_import(session, import_id), error.errors)
        return make_response(page, 422)
    return redirect(url_for("consent_imports.one", import_id=import_id), 303)


@imports.post("/consent/imports/<int:import_id>/discard")
def discard(import_id: int) -> BaseResponse:
    """An upload that was not meant."""
    service.discard_import(current().session, import_id)
    return redirect(url_for("consent_imports.listing"), 303)


@imports.get("/consent/imports/<int:import_id>/problems.csv")
def problems(import_id: int) -> Response:
    """The rows that could not be read, to be mended and brought again."""
    session = current().session
    kept = service.find_import(session, import_id)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([_("Line"), "Email", _("Reason")])
    for row in queries.import_problems(session, kept.id, limit=None):
        writer.writerow([row.line, safe(row.value), words.problem_text(row.reason)])
    return download(file.getvalue(), f"problems-{kept.id}.csv")


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(service.IMPORT_PIECE):
        yield piece


def _listing(errors: dict[str, str]) -> str:
    return render_template(
        "admin/consent/imports.html",
        errors=errors,
        imports=queries.imports(current().session, limit=50),
        moment=moment,
    )


def _one(kept: ConsentImport, errors: dict[str, str]) -> str:
    session = current().session
    sample = service.import_sample(session, kept) if kept.state == "draft" else []
    return render_template(
        "admin/consent/import.html",
        kept=kept,
        errors=errors,
        sample=sample,
        proof=service.import_brings_proof(kept),
        problems=queries.import_problems(session, kept.id, limit=20),
        origin=words.origin_name(kept.origin),
        choice=words.choice_text(kept.choice),
        encoding=ENCODINGS.get(kept.encoding, kept.encoding),
        column=kept.columns.get("email", ""),
        busy=kept.state in ("scheduled", "claimed"),
        problem_text=words.problem_text,
        moment=moment,
        columns=importing.COLUMNS,
    )
