"""The review page, and the merchant's list."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.request import current
from app.reviews import queries, rules, service
from app.shops import service as shops

public = Blueprint("reviews", __name__)
admin = Blueprint("reviews_admin", __name__)


@public.get("")
def form(token: str) -> str:
    """The form with the star of the link chosen. Nothing is stored by looking at it."""
    about = _about()
    done = queries.of_line(current().session, about.line_id)
    if done is not None:
        return _page("done", about=about, review=done)
    return _page("form", about=about, values={"stars": request.args.get("stars", "")}, errors={})


@public.post("")
def submit(token: str) -> BaseResponse | str | Response:
    """Store the review; a second submission shows the first one's thanks."""
    visit, about = current(), _about()
    try:
        draft = rules.draft(request.form)
    except Invalid as error:
        page = _page("form", about=about, values=request.form, errors=error.errors)
        return make_response(page, 422)
    message = (visit.claims or {}).get("message")
    service.submit(visit.session, about, draft, locale=visit.locale, message_id=message)
    return redirect(url_for("reviews.form", token=token, lang=request.args.get("lang")), 303)


@admin.get("/reviews")
def listing() -> str:
    """Every review, newest first; none is left out and none is sorted by its stars."""
    session = current().session
    count, mean = queries.average(session)
    return render_template(
        "admin/reviews/list.html", rows=queries.newest(session), count=count, mean=mean
    )


def _about() -> queries.Subject:
    visit = current()
    subject = visit.claims or {}
    return queries.subject(visit.session, int(subject["order"]), int(subject["line"]))


def _page(name: str, **values: object) -> str:
    brand = shops.brand(shops.shop(current().session))
    return render_template(f"public/reviews/{name}.html", brand=brand, **values)
