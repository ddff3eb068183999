"""The authorization-code grant for stores that open the app that way, and the page on which App
Bridge fetches a fresh ID token. No shop is bound here; nothing is believed that Shopify did not
sign."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.runtime import runtime
from app.core.tenancy import add_shop
from app.shopify import tokens as wire
from app.shopify import verify
from app.shopify.scopes import asked_scopes
from app.shops import tokens

auth = Blueprint("shops_auth", __name__)

#: The browser that began is the browser that must come back.
COOKIE = "okaeri_oauth"
STATE_SECONDS = 600


@auth.get("")
def begin() -> BaseResponse:
    """Send the merchant to Shopify's grant screen."""
    settings = runtime().settings
    domain = verify.oauth_query(settings, request.args.to_dict())
    nonce = secrets.token_urlsafe(24)
    query = {
        "client_id": settings.shopify_client_id,
        "scope": asked_scopes(),
        "redirect_uri": f"{settings.app_url.rstrip('/')}/auth/callback",
        "state": _states().dumps([domain, nonce]),
    }
    base = settings.shop_url(settings.shopify_api_url, domain).rstrip("/")
    response = redirect(f"{base}/admin/oauth/authorize?{urlencode(query)}")
    response.set_cookie(
        COOKIE,
        nonce,
        max_age=STATE_SECONDS,
        path="/auth",
        httponly=True,
        samesite="Lax",
        secure=settings.app_url.startswith("https://"),
    )
    return response


@auth.get("/callback")
def callback() -> BaseResponse:
    """Redeem the code, install, and go on into the admin."""
    settings = runtime().settings
    domain = verify.oauth_query(settings, request.args.to_dict())
    _check_state(domain)
    pair = wire.redeem(settings, runtime().http, domain, request.args.get("code", ""))
    tokens.install(add_shop(domain), domain, pair)
    admin = settings.shop_url(settings.shopify_admin_url, domain).rstrip("/")
    response = redirect(f"{admin}/apps/{settings.shopify_client_id}")
    response.delete_cookie(COOKIE, path="/auth")
    return response


@auth.get("/patch")
def patch() -> Response:
    """Nothing but App Bridge, which fetches a token and loads `shopify-reload` with it."""
    settings = runtime().settings
    named = request.args.get("shop")
    domain = verify.shop_domain(named)
    if (named and domain is None) or not _is_path(request.args.get("shopify-reload", "")):
        raise verify.Refused("open_from_admin", 403)
    response = make_response(render_template("admin/patch.html", settings=settings))
    cdn = settings.shopify_cdn_url.rstrip("/") + "/"
    ancestors = verify.frame_ancestors(settings, domain)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {cdn}; connect-src 'self' {cdn}; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_path(target: str) -> bool:
    """A place of our own: browsers read `//`, `/\\` and `/<tab>/` as another host."""
    return target.startswith("/") and target[1:2] not in ("/", "\\") and target.isprintable()


def _check_state(domain: str) -> None:
    """The state is ours, young, about this shop, and this browser was given it."""
    try:
        named, nonce = _states().loads(request.args.get("state", ""), max_age=STATE_SECONDS)
    except (BadData, ValueError, TypeError) as error:
        raise verify.Refused("invalid_state", 403) from error
    kept = request.cookies.get(COOKIE, "")
    if named != domain or not hmac.compare_digest(str(nonce).encode(), kept.encode()):
        raise verify.Refused("invalid_state", 403)


def _states() -> URLSafeTimedSerializer:
    keys = list(reversed(runtime().settings.secret_keys))
    return URLSafeTimedSerializer(keys, salt="okaeri.oauth")
