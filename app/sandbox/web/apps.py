"""Apps in the admin: installing, the frame an embedded app lives in, and what App Bridge asks."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import abort, g, jsonify, redirect, render_template, request

from app.core.locale import current_locale
from app.sandbox import blocks, verbs
from app.sandbox.running import here
from app.sandbox.web.admin import admin_face, at
from app.sandbox.web.shell import APP_HANDLE, APP_NAME, Answer

apps = admin_face("apps")


@apps.get("/apps")
def index() -> Answer:
    """The apps of the shop, and the one it can install."""
    given = verbs.optional_grants(here(), g.domain)
    extra = [scope for scope in given["granted"] if scope in given["optional"]]
    return render_template("sandbox/admin/apps.html", extra=extra)


@apps.post("/apps/<app>/revoke")
def revoke(app: str) -> Answer:
    """Take back what was granted beyond what the app needs."""
    _ours(app)
    verbs.revoke_optional(here(), g.domain, request.form.getlist("scope"))
    return redirect(at("sandbox_apps.index"), 303)


@apps.get("/apps/<app>/install")
def grant(app: str) -> Answer:
    """Shopify's grant screen: what the app will be allowed."""
    _ours(app)
    missing = verbs.missing_scopes(here(), g.domain)
    if not missing:
        return redirect(at("sandbox_apps.home", app=APP_HANDLE))
    return render_template("sandbox/admin/grant.html", scopes=missing)


@apps.post("/apps/<app>/install")
def install(app: str) -> Answer:
    """Grant and open the app."""
    _ours(app)
    verbs.install(here(), g.domain)
    return redirect(at("sandbox_apps.home", app=APP_HANDLE), 303)


@apps.get("/apps/<app>/uninstall")
def confirm_uninstall(app: str) -> Answer:
    """Ask before the app goes."""
    _ours(app)
    return render_template("sandbox/admin/uninstall.html")


@apps.post("/apps/<app>/uninstall")
def uninstall(app: str) -> Answer:
    """Take the app away; its blocks leave the checkout with it."""
    _ours(app)
    verbs.uninstall(here(), g.domain)
    for target in blocks.placed(here(), g.domain):
        blocks.place(here(), g.domain, target, on=False)
    return redirect(at("sandbox_apps.index"), 303)


@apps.get("/apps/<app>")
@apps.get("/apps/<app>/<path:path>")
def home(app: str, path: str = "") -> Answer:
    """The embedded app; a deep link opens one of its pages."""
    _ours(app)
    if verbs.missing_scopes(here(), g.domain):
        return redirect(at("sandbox_apps.grant", app=APP_HANDLE))
    inner = f"/{path}" if path else ""
    src = verbs.app_home_url(here(), g.domain, path=inner, locale=current_locale())
    if request.args:
        src += "&" + urlencode(list(request.args.items(multi=True)))
    parts = urlsplit(src)
    return render_template(
        "sandbox/admin/app.html",
        src=src,
        optional=verbs.optional_grants(here(), g.domain)["optional"],
        app_origin=f"{parts.scheme}://{parts.netloc}",
        home_path=parts.path.removesuffix(inner) or "/",
        base=at("sandbox_apps.home", app=APP_HANDLE),
    )


@apps.get("/id_token")
def id_token() -> Answer:
    """A fresh ID token for the app in the frame."""
    if verbs.installation(here(), g.domain) is None:
        abort(404)
    response = jsonify(id_token=verbs.issue_id_token(here(), g.domain))
    response.headers["Cache-Control"] = "no-store"
    return response


@apps.get("/app_extensions")
def extensions() -> Answer:
    """What `shopify.app.extensions()` reports: the extensions and where they are active."""
    placed = blocks.placed(here(), g.domain)
    return jsonify(
        [
            {
                "handle": one.handle,
                "type": "ui_extension",
                "activations": [{"target": name} for name in one.targets if name in placed],
            }
            for one in blocks.extensions(here())
        ]
    )


@apps.get("/app_scopes")
def scopes() -> Answer:
    """What `shopify.scopes.query()` answers."""
    return jsonify(verbs.optional_grants(here(), g.domain))


@apps.post("/app_scopes")
def change_scopes() -> Answer:
    """The merchant's answer to what the app asked for, or the app gives a right back. No foreign
    page can send the header."""
    if request.headers.get("X-Okaeri-Sandbox") != "1":
        abort(403)
    asked = request.get_json()
    if asked["verb"] == "grant":
        verbs.grant_optional(here(), g.domain, asked["scopes"])
    elif asked["verb"] == "revoke":
        verbs.revoke_optional(here(), g.domain, asked["scopes"])
    return jsonify(verbs.optional_grants(here(), g.domain))


def _ours(app: str) -> None:
    """The admin knows one app, by its handle or its client id."""
    if app not in (APP_HANDLE, APP_NAME.lower(), here().settings.client_id):
        abort(404)
