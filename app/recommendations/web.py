"""The merchant's own picks, and what orders have taught so far."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.request import current
from app.mirror import queries as mirror
from app.recommendations import queries, service

admin = Blueprint("recommendations", __name__)


@admin.get("/recommendations")
def listing() -> str:
    """Picks and pairs."""
    return _page({})


@admin.post("/recommendations")
def pick() -> BaseResponse:
    """Keep a pick, or say what is wrong with it."""
    chosen, beside = _number("picked"), _number("beside")
    try:
        service.pick(current().session, chosen, beside)
    except Invalid as error:
        return make_response(_page(error.errors), 422)
    return redirect(url_for("recommendations.listing"), 303)


@admin.post("/recommendations/<int:pick_id>/remove")
def unpick(pick_id: int) -> BaseResponse:
    """Forget a pick."""
    service.unpick(current().session, pick_id)
    return redirect(url_for("recommendations.listing"), 303)


def _page(errors: dict[str, str]) -> str:
    session = current().session
    return render_template(
        "admin/recommendations/list.html",
        picks=queries.picks(session), pairs=queries.strongest(session),
        products=mirror.products(session, limit=1000), errors=errors,
        picked=_number("picked"), beside=_number("beside"),
    )  # fmt: skip


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
