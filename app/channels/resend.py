"""Resend over its HTTP API (resend.com/docs/api-reference).

Its own library keeps the key in a global of the process, which two shops would overwrite for each
other. The idempotency key makes handing a message over again safe for 24 hours.
"""

from __future__ import annotations

import httpx

from app.channels.accounts import Account
from app.channels.answers import json_of, judge, post
from app.channels.base import Envelope, Receipt, Unavailable
from app.core.errors import TryLater

#: Said by fields of their own, or made by Resend.
_APART = frozenset({"From", "To", "Subject", "Reply-To", "Date", "Message-ID"})


def send(http: httpx.Client, base: str, account: Account, envelope: Envelope) -> Receipt:
    """Hand over one message. A key that was used before means that it has been taken."""
    headers = envelope.headers
    response = post(
        http,
        f"{base.rstrip('/')}/emails",
        headers={**_authorized(account), "Idempotency-Key": envelope.send_key},
        json={
            "from": headers["From"],
            "to": [headers["To"]],
            "subject": headers["Subject"],
            **({"reply_to": headers["Reply-To"]} if "Reply-To" in headers else {}),
            "html": envelope.html,
            "text": envelope.plain,
            "headers": {name: value for name, value in headers.items() if name not in _APART},
            "tags": [{"name": "okaeri", "value": envelope.reference}],
        },
        idempotent=True,
    )
    said = json_of(response)
    name, words = str(said.get("name", "")), str(said.get("message", ""))
    if response.status_code == 409:
        if name == "concurrent_idempotent_requests":
            raise TryLater(f"409 {words}", 5.0)
        # The key is known with other words around it: the first hand-over was taken.
        return Receipt(f"409 already taken: {words}"[:300])
    if response.status_code == 429 and name.endswith("quota_exceeded"):
        raise Unavailable(f"429 {words}", 3600.0)
    judge(response, words or name, idempotent=True)
    return Receipt(str(said.get("id", "")))


def prove(http: httpx.Client, base: str, account: Account, domain: str) -> list[dict[str, str]]:
    """Show that the key works: the DNS records Resend wants for the domain. A key that may only
    send cannot list domains; Resend says so, which proves it too."""
    response = _get(http, f"{base.rstrip('/')}/domains", account)
    said = json_of(response)
    if response.status_code == 401 and said.get("name") == "restricted_api_key":
        return []
    judge(response, str(said.get("message", "")), idempotent=True)
    listed = said.get("data")
    for known in listed if isinstance(listed, list) else []:
        if str(known.get("name", "")).lower() == domain:
            details = json_of(_get(http, f"{base.rstrip('/')}/domains/{known['id']}", account))
            return _records(details, domain)
    return []


def _records(details: dict[str, object], domain: str) -> list[dict[str, str]]:
    records = details.get("records")
    return [
        {
            "purpose": str(record.get("record", "")).lower(),
            "type": str(record.get("type", "")).upper(),
            "name": _full(str(record.get("name", "")), domain),
            "value": str(record.get("value", "")),
        }
        for record in (records if isinstance(records, list) else [])
        if str(record.get("type", "")).upper() in ("TXT", "CNAME")
    ]


def _full(name: str, domain: str) -> str:
    return name if name == domain or name.endswith(f".{domain}") else f"{name}.{domain}"


def _get(http: httpx.Client, url: str, account: Account) -> httpx.Response:
    try:
        return http.get(url, headers=_authorized(account))
    except httpx.HTTPError as error:
        raise Unavailable(f"The provider cannot be reached: {error}") from error


def _authorized(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.key}"}
