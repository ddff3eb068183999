"""Access tokens, as Shopify hands them out: exchange, refresh, and the code grant.

`shopifyapp` does the exchange and the refresh; its requests go through the app's one HTTP client
to the host that the settings name, and a host that is busy or down raises `TryLater` at once
instead of being asked again on the spot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from json import JSONDecodeError
from typing import Any, Literal

import httpx
from shopify_app import ShopifyApp, TokenExchangeResult

from app.core.clock import machine_now
from app.core.errors import GiveUp, TryLater
from app.core.places import japanese
from app.core.settings import Settings


@dataclass(frozen=True)
class TokenPair:
    """An expiring access token and the refresh token that replaces both, in clear."""

    access_token: str = field(repr=False)
    access_token_expires: datetime | None
    refresh_token: str | None = field(repr=False)
    refresh_token_expires: datetime | None
    scopes: str


@dataclass(frozen=True)
class Person:
    """A member of staff as Shopify knows them: what we ask for, and no more. `locale` is the
    language of their admin, such as `ja` or `en-GB`."""

    name: str
    locale: str


class ShopTransport(httpx.BaseTransport):
    """Sends what is addressed to `https://{shop}` to where the settings say that shop's API is,
    and waits `patience_s` seconds for an answer, where somebody in turn waits for us."""

    def __init__(
        self, settings: Settings, http: httpx.Client, patience_s: float | None = None
    ) -> None:
        self.settings, self.http = settings, http
        self.timeout = http.timeout if patience_s is None else httpx.Timeout(patience_s)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        base = self.settings.shop_url(self.settings.shopify_api_url, request.url.host)
        url = base.rstrip("/") + request.url.raw_path.decode()
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        try:
            answer = self.http.request(
                request.method, url, content=request.read(), headers=headers, timeout=self.timeout
            )
        except httpx.TransportError as error:
            raise TryLater(f"Shopify does not answer: {type(error).__name__}") from error
        check_weather(answer)
        return answer


def check_weather(answer: httpx.Response) -> None:
    """Raise `TryLater` when Shopify is too busy or down; it says how long, sometimes."""
    if answer.status_code in (429, 430) or answer.status_code >= 500:
        raise TryLater(f"Shopify answered {answer.status_code}", retry_after(answer))


def retry_after(answer: httpx.Response) -> float | None:
    """The other side's wish in seconds, if it named one."""
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def exchange(
    settings: Settings, http: httpx.Client, domain: str, id_token: str, claims: dict[str, Any]
) -> TokenPair:
    """Exchange a verified ID token for an expiring offline token."""
    transport = ShopTransport(settings, http)
    return _pair(_exchanged(settings, transport, "offline", id_token, claims), domain)


def _exchanged(
    settings: Settings,
    transport: ShopTransport,
    kind: Literal["offline", "online"],
    id_token: str,
    claims: dict[str, Any],
) -> TokenExchangeResult:
    given = {"exchangeable": True, "token": id_token, "claims": claims}
    with httpx.Client(transport=transport) as client:
        try:
            return _app(settings).exchange_using_token_exchange(
                kind, given, expiring=True, http_client=client
            )
        except JSONDecodeError as error:
            raise TryLater("Shopify's answer about a token is not JSON") from error


def person(
    settings: Settings,
    http: httpx.Client,
    id_token: str,
    claims: dict[str, Any],
    *,
    patience_s: float,
) -> Person:
    """Who an ID token is for. Shopify says so only beside an online access token, which nobody
    uses here and nobody keeps."""
    transport = ShopTransport(settings, http, patience_s)
    found = _exchanged(settings, transport, "online", id_token, claims)
    user = found.access_token.user if found.access_token else None
    # Shopify names the person of the token; another one's name would be shown for theirs.
    if not found.ok or user is None or str(user.id) != str(claims.get("sub")):
        raise GiveUp(f"no person for an ID token: {found.log.code}")
    names = (user.last_name, user.first_name)[
        :: 1 if japanese(f"{user.last_name}{user.first_name}") else -1
    ]
    return Person(" ".join(one.strip() for one in names if one and one.strip()), user.locale or "")


def refresh(settings: Settings, http: httpx.Client, domain: str, refresh_token: str) -> TokenPair:
    """A new pair for a refresh token. Only the holder of the shop's row lock may call this."""
    given = {
        "shop": domain.removesuffix(".myshopify.com"),
        "access_mode": "offline",
        # Whether it is time is our decision: nothing here says that the old token still works.
        "expires": "",
        "refresh_token": refresh_token,
    }
    with httpx.Client(transport=ShopTransport(settings, http)) as client:
        found = _app(settings).refresh_token_exchanged_access_token(given, http_client=client)
    return _pair(found, domain)


def redeem(settings: Settings, http: httpx.Client, domain: str, code: str) -> TokenPair:
    """The pair for an authorization code. Neither library asks for an expiring token here."""
    with httpx.Client(transport=ShopTransport(settings, http)) as client:
        answer = client.post(
            f"https://{domain}/admin/oauth/access_token",
            json={
                "client_id": settings.shopify_client_id,
                "client_secret": settings.shopify_client_secret,
                "code": code,
                "expiring": 1,
            },
        )
    if answer.status_code != 200:
        raise GiveUp(f"Shopify refused the authorization code: {answer.status_code}")
    try:
        given = answer.json()
        token, scopes = str(given["access_token"]), str(given.get("scope", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise GiveUp("Shopify's answer has no access token") from error
    return TokenPair(
        token,
        _after(given.get("expires_in")),
        given.get("refresh_token"),
        _after(given.get("refresh_token_expires_in")),
        scopes,
    )


def _pair(found: TokenExchangeResult, domain: str) -> TokenPair:
    given = found.access_token
    if not found.ok or given is None or not given.token:
        raise GiveUp(f"no access token for {domain}: {found.log.code}")
    return TokenPair(
        given.token,
        _moment(given.expires),
        given.refresh_token,
        _moment(given.refresh_token_expires),
        given.scope,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _after(seconds: int | None) -> datetime | None:
    return machine_now() + timedelta(seconds=seconds) if seconds else None


def _app(settings: Settings) -> ShopifyApp:
    return ShopifyApp(
        client_id=settings.shopify_client_id,
        client_secret=settings.shopify_client_secret,
        old_client_secret=settings.shopify_old_client_secret,
    )
