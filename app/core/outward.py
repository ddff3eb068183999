"""Requests to addresses that somebody typed. Only public places on the internet are spoken to, over
TLS: nobody may have us knock at our own host's inner doors (server-side request forgery)."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime

#: Seconds for the whole of one request.
PATIENCE = 8.0


def host_of(url: str) -> str | None:
    """The host of an address that may be typed: https, a name, no port of its own, no password;
    None for any other. Our own host is none: it would talk to itself for ever."""
    try:
        parts = urlsplit(url.strip())
        plain = parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".").lower()
    ours = (urlsplit(runtime().settings.app_url).hostname or "").lower()
    return host if plain and "." in host and host != ours and not _is_number(host) else None


def public_address(host: str) -> str:
    """An address of a host. Raises `GiveUp` where any of its addresses lies inside a network, and
    `TryLater` where its name cannot be found now."""
    found = resolve(host)
    if not found:
        raise TryLater(f"{host} cannot be found")
    if not all(map(is_public, found)):
        raise GiveUp(f"{host} is not a public address")
    return found[0]


def is_public(address: str) -> bool:
    """Whether a numeric address lies on the internet and is one machine's."""
    found = ip_address(address.partition("%")[0])
    return found.is_global and not found.is_multicast


def resolve(host: str) -> list[str]:
    """All addresses of a name, as the system finds them."""
    try:
        rows = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(row[4][0]).partition("%")[0] for row in rows]


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Post `body` as it is. The connection goes to the very address that was looked at, so that a
    name which is answered differently a moment later leads nowhere else; a redirection is refused,
    not followed. Raises `TryLater` and `GiveUp`."""
    host = host_of(url)
    if host is None:
        raise GiveUp("not an https address on the internet")
    there = httpx.URL(url.strip()).copy_with(host=public_address(host))
    try:
        answer = runtime().http.post(
            there,
            content=body,
            headers={**headers, "Host": host},
            extensions={"sni_hostname": host},
            timeout=PATIENCE,
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        raise TryLater(f"{host} did not answer: {type(error).__name__}") from error
    if answer.status_code in (408, 429) or answer.status_code >= 500:
        raise TryLater(f"{host} answered {answer.status_code}")
    if not answer.is_success:
        raise GiveUp(f"{host} answered {answer.status_code}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return host.replace(".", "").isdigit()
    return True
