"""Who signed this? Shopify's own verifiers, with what they leave open closed.

Every function takes plain values and answers with a frozen caller or raises `Refused`, which says
with which status and headers the door must answer. What `shopifyapp` leaves to its callers and is
done here: `exp` and the host in `dest` are demanded, the shop is checked before it goes into a
header or a query, repeated keys of Shopify's own parameters are refused, guests have no customer
id, bodies are verified as the bytes that came, and signatures that are no ASCII text are refused
instead of raising.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import shopify
from flask import g
from shopify.utils.shop_url import sanitize_shop_domain
from shopify_app import RequestInput, ShopifyApp

from app.core.settings import Settings

#: Where App Bridge fetches a new ID token for a document that came without one.
PATCH_PATH = "/auth/patch"
DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
#: App proxy parameters that Shopify adds; a shopper may not bring their own beside them.
SIGNED_ONCE = ("shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature")


class Refused(Exception):
    """The caller is not who they claim to be. `headers` may send a browser to fetch a token."""

    def __init__(self, code: str, status: int = 401, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.headers = code, status, headers or {}


@dataclass(frozen=True)
class AdminCaller:
    """A member of staff in the merchant's admin; `document` when the browser loads a page."""

    domain: str
    staff: str
    token: str = field(repr=False)
    document: bool
    claims: dict[str, Any]


@dataclass(frozen=True)
class WidgetCaller:
    """A UI extension on a buyer's page. `claims["sub"]` is the customer's GID when logged in."""

    domain: str
    claims: dict[str, Any]


@dataclass(frozen=True)
class ProxyCaller:
    """A shopper on the store's own domain. `customer` is Shopify's number, None for guests."""

    domain: str
    path_prefix: str
    customer: int | None


@dataclass(frozen=True)
class Delivery:
    """A genuine webhook: what its headers say, and its body as it came."""

    domain: str
    topic: str
    webhook_id: str
    event_id: str | None
    triggered_at: str | None
    body: bytes = field(repr=False)


def shop_domain(text: str | None) -> str | None:
    """`text` when it is exactly a myshopify domain, in lower case; None for anything else."""
    name = (text or "").strip().lower()
    if not DOMAIN.fullmatch(name):
        return None
    # Shopify's own rule says the last word; ours refuses what it would repair.
    return name if sanitize_shop_domain(name) == name else None


def admin(settings: Settings, method: str, url: str, headers: Mapping[str, str]) -> AdminCaller:
    """The caller of an App Home page: `?id_token=` on documents, a bearer token on fetches."""
    request = _request(method, url, headers)
    found = _app(settings).verify_app_home_req(request, PATCH_PATH)
    if not found.ok or found.id_token is None:
        raise Refused(found.log.code, found.response.status, dict(found.response.headers))
    claims = found.id_token.claims
    domain = _shop_of(claims)
    asked = dict(parse_qsl(urlsplit(url).query)).get("shop")
    if asked is not None and asked != domain:
        raise Refused("shop_mismatch")
    if not found.user_id:
        raise Refused("missing_sub")
    document = not any(name.lower() == "authorization" for name in headers)
    return AdminCaller(domain, str(found.user_id), found.id_token.token, document, claims)


def widget(settings: Settings, method: str, url: str, headers: Mapping[str, str]) -> WidgetCaller:
    """The caller of a widget's API, by the session token of a checkout extension."""
    request = _request(method, url, headers)
    found = _app(settings).verify_checkout_ui_ext_req(request)
    if not found.ok or found.id_token is None:
        raise Refused(found.log.code, found.response.status)
    return WidgetCaller(_shop_of(found.id_token.claims), found.id_token.claims)


def proxy(settings: Settings, method: str, url: str) -> ProxyCaller:
    """The caller of an app proxy page. The signature proves that Shopify forwarded the request,
    not who may see an order; the body is not signed."""
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if any(len(query.get(name, [])) > 1 for name in SIGNED_ONCE):
        raise Refused("repeated_parameter")
    if not query.get("signature", [""])[0].isascii():
        raise Refused("invalid_signature")
    request = _request(method, url, {})
    found = _app(settings).verify_app_proxy_req(request)
    if not found.ok:
        raise Refused(found.log.code, found.response.status)
    domain = shop_domain(query.get("shop", [""])[0])
    if domain is None:
        raise Refused("invalid_shop")
    customer = found.logged_in_customer_id or ""
    if customer and not (customer.isascii() and customer.isdigit()):
        raise Refused("invalid_customer")
    prefix = query.get("path_prefix", [""])[0]
    return ProxyCaller(domain, prefix, int(customer) if customer else None)


def webhook(settings: Settings, method: str, headers: Mapping[str, str], body: bytes) -> Delivery:
    """A webhook, when one of the app's secrets signed its very bytes; a missing signature is as
    bad as a wrong one (Shopify's review wants 401 for both)."""
    names = {name.lower(): value for name, value in headers.items()}
    signature = names.get("x-shopify-hmac-sha256") or names.get("shopify-hmac-sha256") or ""
    if not signature or not signature.isascii():
        raise Refused("missing_hmac_header")
    request = _request(method, "", headers, _Bytes(body))
    found = _app(settings).verify_webhook_req(request)
    if not found.ok:
        raise Refused(found.log.code, found.response.status)

    def header(name: str) -> str | None:
        return names.get(f"x-shopify-{name}") or names.get(f"shopify-{name}")

    domain = shop_domain(header("shop-domain"))
    if domain is None:
        raise Refused("invalid_shop")
    return Delivery(
        domain=domain,
        topic=header("topic") or "",
        webhook_id=header("webhook-id") or "",
        event_id=header("event-id"),
        triggered_at=header("triggered-at"),
        body=body,
    )


def delivery() -> Delivery:
    """The webhook that the hooks door has verified, for the view behind it."""
    found: Delivery = g.delivery
    return found


def oauth_query(settings: Settings, query: Mapping[str, str]) -> str:
    """The shop of a query that Shopify's OAuth signed: HMAC right and at most a day old."""
    domain = shop_domain(query.get("shop"))
    given = query.get("hmac", "")
    if domain is None or not given.isascii() or not query.get("timestamp", "").isdigit():
        raise Refused("invalid_query", 403)
    secrets = [settings.shopify_client_secret, settings.shopify_old_client_secret]
    if not any(_signed_by(secret, query) for secret in secrets if secret):
        raise Refused("invalid_hmac", 403)
    return domain


def _signed_by(secret: str, query: Mapping[str, str]) -> bool:
    # The library keeps the secret on the class; a subclass a call keeps it from being shared.
    session: Any = type("_Session", (shopify.Session,), {"secret": secret})
    return bool(session.validate_params(dict(query)))


def frame_ancestors(settings: Settings, domain: str | None) -> str:
    """Who may frame a page of the admin. While the shop is not known (a page that has yet to
    fetch its token), only Shopify's admin itself; never what a caller merely claims."""
    if domain is not None:
        return settings.shop_url(settings.shopify_frame_ancestors, domain)
    everyone = settings.shopify_frame_ancestors.split()
    return " ".join(one for one in everyone if "{" not in one) or "'none'"


def covers(granted: str, needed: str) -> bool:
    """Whether granted scopes include needed ones; writing implies reading."""
    return bool(shopify.ApiAccess(granted).covers(shopify.ApiAccess(needed)))


class _Bytes(str):
    """A text for the verifier that encodes to the very bytes that came. As a text it is empty, so
    that the library neither parses nor copies the body for a log we do not read."""

    raw: bytes

    def __new__(cls, raw: bytes) -> _Bytes:
        made = super().__new__(cls, "")
        made.raw = raw
        return made

    def encode(self, *_args: Any, **_named: Any) -> bytes:
        return self.raw


def _shop_of(claims: Mapping[str, Any]) -> str:
    """The shop of a verified token: an expiry and a real host are demanded, and that the issuer,
    where one is named, is the same shop."""
    if not isinstance(claims.get("exp"), int | float):
        raise Refused("missing_exp")
    domain = _host(claims.get("dest"))
    if domain is None or ("iss" in claims and _host(claims["iss"]) != domain):
        raise Refused("invalid_dest")
    return domain


def _host(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    # Admin tokens write `https://{shop}`, checkout tokens the bare domain.
    bare = value.removeprefix("https://")
    return shop_domain(bare.split("/", 1)[0])


def _request(method: str, url: str, headers: Mapping[str, str], body: str = "") -> RequestInput:
    return {"method": method, "headers": dict(headers), "url": url, "body": body}


def _app(settings: Settings) -> ShopifyApp:
    return ShopifyApp(
        client_id=settings.shopify_client_id,
        client_secret=settings.shopify_client_secret,
        old_client_secret=settings.shopify_old_client_secret,
    )
