"""The app proxy: a page of the store's domain that the app answers, in Shopify's signed name."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from app.sandbox.running import Sandbox
from app.sandbox.store import Refused

HOPS = 5
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
Query = list[tuple[str, str]]


@dataclass(frozen=True)
class ProxyAnswer:
    """What the app answered. `liquid` answers are rendered inside the theme."""

    status: int
    content_type: str
    body: bytes
    liquid: bool
    location: str | None = None


def proxy_signature(secret: str, query: Query) -> str:
    """`signature`: repeated keys joined by commas, sorted, nothing between the pairs."""
    values: dict[str, list[str]] = {}
    for key, value in query:
        values.setdefault(key, []).append(value)
    text = "".join(sorted(f"{key}={','.join(found)}" for key, found in values.items()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def proxy_request(
    sandbox: Sandbox,
    domain: str,
    subpath: str,
    query: Query,
    method: str = "GET",
    body: bytes = b"",
    content_type: str | None = None,
    customer_id: int | None = None,
) -> ProxyAnswer:
    """Forward a request below the proxy's prefix; cookies do not pass, in either direction."""
    config = sandbox.settings.app
    with sandbox.work() as work:
        installed = work.get("installation", domain, "app") is not None
    if config.proxy_path is None or not installed:
        raise Refused("This store has no such page.")
    signed = _signed(sandbox, domain, query, customer_id)
    path = "/".join(part.strip("/") for part in (config.proxy_path, subpath) if part.strip("/"))
    url = f"{sandbox.settings.app_url.rstrip('/')}/{path}"
    headers = {"X-Forwarded-Host": domain, "X-Forwarded-For": "127.0.0.1"}
    if content_type:
        headers["Content-Type"] = content_type
    return _forward(sandbox, method, f"{url}?{urlencode(signed)}", body, headers)


def _signed(sandbox: Sandbox, domain: str, query: Query, customer_id: int | None) -> Query:
    config = sandbox.settings.app
    ours = {"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"}
    full = [(key, value) for key, value in query if key not in ours]
    full += [
        ("shop", domain),
        ("logged_in_customer_id", str(customer_id or "")),
        ("path_prefix", f"/{config.proxy_prefix}/{config.proxy_subpath}"),
        ("timestamp", str(int(time.time()))),
    ]
    return [*full, ("signature", proxy_signature(sandbox.settings.client_secret, full))]


def _forward(
    sandbox: Sandbox, method: str, url: str, body: bytes, headers: dict[str, str]
) -> ProxyAnswer:
    """Redirects within the app are followed, as Shopify does; others are left to the browser."""
    for _ in range(HOPS):
        try:
            answer = sandbox.http.request(
                method, url, content=body or None, headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError:
            return ProxyAnswer(502, "text/plain", b"There was an error in the app.", False)
        target = urljoin(url, answer.headers.get("Location", ""))
        outside = urlsplit(target).netloc != urlsplit(url).netloc
        if not answer.is_redirect or outside:
            return _answer(answer, target if answer.is_redirect else None)
        method, body, url = ("GET", b"", target) if answer.status_code != 307 else (
            method, body, target
        )  # fmt: skip
    return ProxyAnswer(502, "text/plain", b"Too many redirects.", False)


def _answer(answer: httpx.Response, location: str | None) -> ProxyAnswer:
    kind = answer.headers.get("Content-Type", "text/html")
    liquid = kind.split(";")[0].strip() == "application/liquid"
    return ProxyAnswer(answer.status_code, kind, answer.content, liquid, location)
