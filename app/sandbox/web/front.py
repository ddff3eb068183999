"""The sandbox's front door: what it is, where to go, the language, and drawn QR codes."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import segno
from flask import Response, abort, redirect, render_template, request, send_from_directory

from app.core.locale import LANGUAGES
from app.sandbox import verbs
from app.sandbox.running import here
from app.sandbox.settings import ROOT
from app.sandbox.web.shell import LANGUAGE_COOKIE, Answer, face

front = face("front")


@front.get("/")
def index() -> Answer:
    """The front page."""
    shops = [
        (shop, verbs.installation(here(), shop["domain"])) for shop in verbs.list_shops(here())
    ]
    return render_template("sandbox/front.html", shops=shops, latest=verbs.mails(here(), limit=1))


@front.post("/language")
def language() -> Answer:
    """Choose the language of the sandbox's own pages."""
    wish = request.form.get("language", "")
    if wish not in LANGUAGES:
        abort(422)
    response = redirect(_back(), 303)
    response.set_cookie(LANGUAGE_COOKIE, wish, max_age=365 * 86400, samesite="Lax")
    return response


def _back() -> str:
    """The page the form stood on; never another site."""
    came = urlsplit(request.form.get("back", "/"))
    path = "/" + came.path.lstrip("/\\")
    return path + (f"?{came.query}" if came.query else "")


@front.get("/qr.svg")
def qr() -> Answer:
    """A QR code: the checkout's component draws them."""
    content = request.args.get("content", "")
    if not 0 < len(content) <= 1000:
        abort(422)
    picture = io.BytesIO()
    segno.make(content, error="m").save(picture, kind="svg", scale=6, border=2, dark="#111")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@front.get("/static/sandbox/<path:name>")
def asset(name: str) -> Answer:
    """The sandbox's own styles, scripts and pictures."""
    return send_from_directory(ROOT / "static" / "sandbox", name)


@front.get("/cdn/shopifycloud/app-bridge.js")
def app_bridge() -> Answer:
    """The stand-in for App Bridge, at the path Shopify's CDN has it."""
    return send_from_directory(ROOT / "static" / "sandbox", "app-bridge.js")
