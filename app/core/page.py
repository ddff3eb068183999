"""Pages: the template environment and the answer to what goes wrong."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.core import locale, money, pictures
from app.core.errors import Invalid, OkaeriError

log = structlog.get_logger(__name__)

#: After so many seconds it is worth another try.
COME_AGAIN_S = 5


def set_up(app: Flask) -> None:
    """Give templates gettext, money, numbers and dates, and every error one page."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        locale.gettext, locale.ngettext, newstyle=True
    )
    env.globals["_"] = _say
    env.filters.update(
        money=lambda amount: money.show_money(amount, locale.current_locale()),
        currency=lambda code: money.name_currency(code, locale.current_locale()),
        day=lambda day: locale.show_date(day, locale.current_locale()),
        clock=lambda local: locale.show_clock(local, locale.current_locale()),
        days=lambda days: locale.show_range(days[0], days[1], locale.current_locale()),
        number=locale.show_number,
        sized=pictures.sized,
    )
    env.globals.update(current_locale=locale.current_locale, sentences=locale.sentences)
    app.register_error_handler(OkaeriError, _okaeri_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)


@pass_eval_context
def _say(context: EvalContext, message: str, /, **values: object) -> str:
    """What templates call `_`: as the extension's own, which looks itself up and fills in what has
    nothing to fill in each time."""
    if not context.autoescape:
        return locale.gettext(message) % values
    if not values:
        return _plain(locale.current_locale(), message)
    return Markup(locale.gettext(message)) % values  # noqa: S704  # a catalogue's text


@lru_cache(maxsize=8192)
def _plain(language: str, message: str) -> Markup:
    """A text without places to fill; a sign of percent is written twice in it, as in all."""
    return Markup(locale.translations(language).gettext(message)) % {}  # noqa: S704


def _okaeri_error(error: OkaeriError) -> Response:
    return error_page(error.status, error.errors if isinstance(error, Invalid) else None)


def _http_error(error: HTTPException) -> Response:
    response = error.get_response()
    if isinstance(response, Response) and (error.code or 500) < 400:
        return response
    return error_page(error.code or 500)


def _database_away(error: OperationalError) -> Response:
    """The database is away, or gave up on this one: nothing was taken, and who asks again later is
    served. Shopify and our widget do so by themselves."""
    log.error("database_away", path=request.path.split("/")[1], reason=type(error.orig).__name__)
    response = error_page(503, ours=True)
    response.headers["Retry-After"] = str(COME_AGAIN_S)
    return response


def error_page(
    status: int, errors: dict[str, str] | None = None, *, ours: bool = False
) -> Response:
    """One plain page a status, or JSON where a program asked; no hint whether anything exists.
    `ours`: nobody else is to blame."""
    if request.path.startswith(("/widget", "/hooks")):
        body: dict[str, Any] = {"error": status}
        if errors:
            body["errors"] = errors
        response = make_response(jsonify(body), status)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
    face = "admin" if request.path.startswith(("/app", "/auth")) else "public"
    return make_response(
        render_template(f"{face}/error.html", status=status, errors=errors, ours=ours), status
    )
