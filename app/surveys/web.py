"""The merchant's page of questions: what is asked, what was answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.core.request import current
from app.surveys import queries, rules, service
from app.surveys.model import SurveyQuestion

admin = Blueprint("surveys", __name__)
#: What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Result:
    """How often one answer was given."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True)
class Shown:
    """A question as the page shows it. `kept` is None for one we bring along and nobody asked."""

    key: str
    question: str
    options: list[str]
    active: bool
    results: list[Result]
    total: int
    #: What somebody wrote beside their answer, newest first.
    words: list[tuple[str, str]]
    #: Its words in every language, for whoever changes them, and whether they are still ours.
    texts: dict[str, rules.Wording]
    slots: list[str]
    shipped: bool


@admin.get("/survey")
def show() -> str:
    """The questions and their results."""
    return _page({})


@admin.post("/survey")
def add() -> BaseResponse | str:
    """Ask a question of the merchant's own."""
    try:
        service.add_own(current().session, request.form.to_dict())
    except Invalid as error:
        return make_response(_page(error.errors), 422)
    return _page({}, said=_("The question is asked from now on."))


@admin.post("/survey/<key>")
def switch(key: str) -> BaseResponse | str:
    """Ask a question, or put it away."""
    try:
        service.switch(current().session, key, on=request.form.get("on") == "1")
    except Invalid as error:
        return make_response(_page(error.errors), 422)
    return _page({}, said=_("Settings saved."))


@admin.post("/survey/<key>/words")
def reword(key: str) -> BaseResponse | str:
    """Ask a question in the merchant's own words, or in ours again."""
    session = current().session
    try:
        if request.form.get("do") == "shipped":
            service.word_as_shipped(session, key)
        else:
            service.reword(session, key, request.form.to_dict())
    except Invalid as error:
        return make_response(_page(error.errors, wrong=key), 422)
    return _page({}, said=_("Settings saved."))


@admin.get("/survey/answers.csv")
def export() -> Response:
    """Every answer, for a spreadsheet."""
    out = io.StringIO()
    table = csv.writer(out)
    heads = (_("Order"), _("Question"), _("What was answered"), _("In their own words"))
    table.writerow([*heads, _("Answered at")])
    for row in queries.export(current().session, current_locale()):
        moment = row.at.isoformat(timespec="minutes")
        cells = (row.order, row.question, row.answer, row.words, moment)
        table.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    # The mark tells Excel that this is UTF-8.
    response = make_response("\ufeff" + out.getvalue())
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="survey.csv"'
    return response


def _page(errors: Mapping[str, str], said: str = "", wrong: str = "") -> str:
    session = current().session
    kept = {one.key: one for one in queries.questions(session)}
    presets = [_preset(one) for one in rules.PRESETS if one.key not in kept]
    return render_template(
        "admin/survey.html", errors=errors, said=said, typed=request.form if errors else {},
        shown=[_shown(one) for one in kept.values()] + presets, wrong=wrong,
        languages=rules.LANGUAGES, too_many=rules.TOO_MANY,
    )  # fmt: skip


def _preset(draft: rules.Draft) -> Shown:
    return _results(draft.key, draft.texts, active=draft.key in rules.MAILED)


def _shown(question: SurveyQuestion) -> Shown:
    texts = {one: queries.wording(question, one) for one in rules.LANGUAGES}
    return _results(question.key, texts, active=question.active)


def _results(key: str, texts: dict[str, rules.Wording], *, active: bool) -> Shown:
    session, words = current().session, texts[current_locale()]
    counted = queries.counts(session, key)
    total, labels = sum(counted.values()), words.labels
    results = [
        Result(labels.get(answer, answer), count, round(100 * count / total))
        for answer, count in counted.items()
    ]
    told = [(labels.get(one, one), text) for one, text in queries.latest_words(session, key)]
    preset = rules.brought(key)
    return Shown(
        key=key,
        question=words.question,
        options=[label for _value, label in words.options],
        active=active,
        results=results,
        total=total,
        words=told,
        texts=texts,
        slots=rules.slots(words) if words.options else [],
        shipped=preset is None or all(_alike(texts[one], preset.texts[one]) for one in texts),
    )


def _alike(one: rules.Wording, other: rules.Wording) -> bool:
    return (one.question, one.options) == (other.question, other.options)
