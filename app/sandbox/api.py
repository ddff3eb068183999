"""The doors that programs use: GraphQL, OAuth, and the sandbox's own commands."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.sandbox import verbs
from app.sandbox.graphql.serve import answer
from app.sandbox.oauth import access_token, authorize, check_authorize
from app.sandbox.remote import HEADER
from app.sandbox.running import Sandbox, here
from app.sandbox.store import Refused
from app.sandbox.tokens import TokenRefused, find_access

api = Blueprint("api", __name__)


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, default=str)
    return Response(text, status, content_type="application/json; charset=utf-8")


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """Shopify says no, in one sentence."""
    return Response(str(error), 422, content_type="text/plain; charset=utf-8")


@api.post("/<domain>/admin/api/<version>/graphql.json")
def graphql(domain: str, version: str) -> Response:
    """The Admin API. A token that is not good, or of another shop, gets 401; an app that is not
    installed has no good token."""
    sandbox = here()
    with sandbox.work() as work:
        shop = work.get("shop", domain, domain)
        access = find_access(work, domain, request.headers.get("X-Shopify-Access-Token", ""))
    if shop is None:
        return _json({"errors": "Not Found"}, 404)
    if access is None:
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return _json({"errors": message}, 401)
    status, body = answer(sandbox, shop, access, version, request.get_json(silent=True))
    return _json(body, status)


@api.post("/<domain>/admin/oauth/access_token")
def token(domain: str) -> Response:
    """Tokens: exchange, refresh, code."""
    given = request.get_json(silent=True)
    form = given if isinstance(given, dict) else dict(parse_qsl(request.get_data(as_text=True)))
    if verbs.get_shop(here(), domain) is None:
        return _json({"errors": "Not Found"}, 404)
    try:
        return _json(access_token(here(), domain, form or request.form.to_dict()))
    except TokenRefused as error:
        return _json({"error": str(error), "error_description": str(error)}, 400)


@api.get("/<domain>/admin/oauth/authorize")
def grant_page(domain: str) -> BaseResponse:
    """The grant screen. Where everything asked for is granted already, the browser goes on."""
    query = request.args.to_dict()
    check_authorize(here(), query)
    shop = verbs.get_shop(here(), domain)
    if shop is None:
        raise Refused("This store does not exist.")
    scopes = list(here().settings.app.scopes)
    if shop["installed"] and set(scopes) <= set(shop["scopes"]):
        return redirect(authorize(here(), domain, query))
    page = render_template("sandbox/grant.html", shop=shop, scopes=scopes, query=query)
    return Response(page, content_type="text/html; charset=utf-8")


@api.post("/<domain>/admin/oauth/authorize")
def grant(domain: str) -> BaseResponse:
    """The merchant agrees."""
    return redirect(authorize(here(), domain, request.form.to_dict()))


# --- the sandbox's own commands -----------------------------------------------------------------


def _commanded() -> bool:
    return all(request.headers.get(name) == value for name, value in HEADER.items())


@api.get("/_sandbox/healthz")
def healthz() -> Response:
    """Up, with both databases answering."""
    return _json({"ok": True, "now": here().now().isoformat()})


@api.post("/_sandbox/forward")
def forward() -> Response:
    """Move time ahead; one line of JSON a step."""
    if not _commanded():
        return _json({"error": "Not a command."}, 403)
    try:
        span = verbs.parse_duration(str((request.get_json(silent=True) or {}).get("by", "")))
    except Refused as error:
        return _json({"error": str(error)}, 422)
    return Response(_steps(here(), span), content_type="application/x-ndjson")


def _steps(sandbox: Sandbox, span: Any) -> Iterator[str]:
    told: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def travel() -> None:
        try:
            told.put(verbs.forward(sandbox, span, told.put))
        except Refused as error:
            told.put({"error": str(error)})
        finally:
            told.put(None)

    threading.Thread(target=travel, name="forward", daemon=True).start()
    while (line := told.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"


@api.post("/_sandbox/verbs/<name>")
def verb(name: str) -> Response:
    """Any verb by its name, with its arguments as JSON: how the story and the bench act."""
    if not _commanded():
        return _json({"error": "Not a command."}, 403)
    found: Callable[..., Any] | None = getattr(verbs, name, None) if name in verbs.__all__ else None
    if found is None or not callable(found):
        return _json({"error": f"There is no verb {name}."}, 404)
    try:
        return _json({"answer": found(here(), **(request.get_json(silent=True) or {}))})
    except (Refused, TypeError) as error:
        return _json({"error": str(error)}, 422)
