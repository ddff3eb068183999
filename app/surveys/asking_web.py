"""The page behind a message's question: the tapped answer is chosen, a button sends it."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import now
from app.core.errors import Gone, Invalid
from app.core.locale import current_locale
from app.core.request import current
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops import service as shops
from app.surveys import queries, rules, service
from app.surveys.rules import Wording

public = Blueprint("survey", __name__)


class Asked(NamedTuple):
    """What the link asks, and about which order."""

    key: str
    words: Wording
    order: Order
    by: service.Asked


@public.get("")
def form(token: str) -> str:  # noqa: ARG001  # the door has read it
    """The reasons with the tapped one chosen; thanks, once there is an answer and none was tapped.
    Nothing is stored by looking at it: mail scanners open every link."""
    asked = _asked()
    kept = queries.answer_of(current().session, asked.order.id, asked.key)
    tapped = request.args.get("answer")
    if kept is not None and tapped is None:
        return _page("done", asked, answer=kept.answer, words=kept.words, centre=_centre(asked))
    words = kept.words if kept else ""
    return _page("form", asked, answer=tapped, words=words, errors={})


@public.post("")
def submit(token: str) -> BaseResponse:
    """Keep the answer; a later one takes its place."""
    asked, given = _asked(), request.form
    answer, words = given.get("answer", ""), given.get("words", "")
    try:
        service.tell(current().session, asked.order.id, asked.key, answer, words, asked.by)
    except Invalid as error:
        page = _page("form", asked, answer=answer, words=words, errors=error.errors)
        return make_response(page, 422)
    return redirect(url_for("survey.form", token=token, lang=request.args.get("lang")), 303)


def _asked() -> Asked:
    visit = current()
    subject = visit.claims or {}
    order = mirror.order(visit.session, int(subject["order"]))
    if order.redacted_at is not None:
        # Who was forgotten is not remembered again.
        raise Gone("This link is no longer valid.")
    key = str(subject["question"])
    by = service.Asked(subject.get("message"), subject.get("run"))
    return Asked(key, queries.words(visit.session, current_locale())[key], order, by)


def _centre(asked: Asked) -> str:
    """The preference centre of whoever was asked; empty where nobody is known."""
    visit = current()
    if asked.order.customer_id is None:
        return ""
    subject = {"customer": asked.order.customer_id, "lang": current_locale()}
    expires = now(visit.session) + rules.CENTRE_LIVES
    return f"/preferences/{links.sign(visit.shop_id, 'preferences', subject, expires)}"


def _page(name: str, asked: Asked, **values: object) -> str:
    return render_template(
        f"public/surveys/{name}.html",
        brand=shops.brand(shops.shop(current().session)),
        asked=asked,
        too_many=(asked.key, values["answer"]) == rules.TOO_MANY,
        **values,
    )
