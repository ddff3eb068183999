"""What stands on every answer: by door, what a page may load and who may frame it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, request

from app.core.compression import compress
from app.core.runtime import runtime
from app.shopify import verify
from app.shops import service as shops
from app.shops.model import Shop

#: Pages of links and look-ups, and what anybody may load; a store's theme is compressed by Shopify.
#: A page's length may tell of its secrets to who can have it asked for with words of their own
#: (BREACH). The secret of these is their address: who can ask for them has it. The admin's searches
#: are another matter and stay as they are.
COMPRESSED = frozenset({"open", "public", "store"})


def dress(response: Response) -> Response:
    """Headers by door: what a page may load, who may frame it, and that no one else keeps it."""
    kind = g.get("door", "open")
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if kind == "widget":
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        headers["Access-Control-Max-Age"] = "7200"
    if kind in ("admin", "public", "signal", "store", "widget"):
        headers["Cache-Control"] = "no-store"
    if kind in ("public", "signal", "store"):
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "noindex"
    # A page of the app proxy lives inside the store's theme: the theme says what it may load.
    if response.mimetype == "text/html" and "Content-Security-Policy" not in headers:
        inside = kind == "admin" or request.path.startswith("/auth")
        headers["Content-Security-Policy"] = _admin_policy() if inside else _page_policy()
    return response


def press(response: Response) -> Response:
    """Compress the pages of some doors for their way."""
    return compress(response) if g.get("door", "open") in COMPRESSED else response


def _admin_policy() -> str:
    settings = runtime().settings
    cdn = settings.shopify_cdn_url.rstrip("/") + "/"
    pictures = _origin(settings.shopify_cdn_url)
    domain = g.visit.domain if "visit" in g else None
    return (
        f"default-src 'none'; script-src 'self' {cdn}; style-src 'self'; "
        f"img-src 'self' https: data: {pictures}; font-src 'self'; "
        # App Bridge reports page speed to Shopify, which judges apps by it.
        f"connect-src 'self' {cdn} https://*.shopify.com https://*.shopifysvc.com; "
        # Mails are shown in a frame of ours, which brings a policy of its own.
        f"frame-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {verify.frame_ancestors(settings, domain)}"
    )


def _page_policy() -> str:
    """Our scripts and styles only; forms may end at the checkout of the store that is named."""
    settings = runtime().settings
    shop: Shop | None = g.get("shop")
    checkout = [] if shop is None else shops.checkout_origins(shop)
    pictures = " ".join(sorted({_origin(settings.shopify_cdn_url), *checkout[:1]}))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' https: data: {pictures}; font-src 'self'; connect-src 'self'; "
        f"form-action 'self' {' '.join(checkout)}; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
