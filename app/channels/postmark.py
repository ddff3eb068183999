"""Postmark over its HTTP API (postmarkapp.com/developer). It has no key against sending twice: an
answer that does not come leaves the message in doubt."""

from __future__ import annotations

import httpx

from app.channels.accounts import Account
from app.channels.answers import json_of, judge, post
from app.channels.base import Bounced, Envelope, Receipt, Unavailable
from app.core.errors import GiveUp

_APART = frozenset({"From", "To", "Subject", "Reply-To", "Date", "Message-ID"})
#: "Inactive recipient": it bounced or complained before.
INACTIVE = 406


def send(http: httpx.Client, base: str, account: Account, envelope: Envelope) -> Receipt:
    """Hand over one message."""
    headers = envelope.headers
    response = post(
        http,
        f"{base.rstrip('/')}/email",
        headers=_authorized(account),
        json={
            "From": headers["From"],
            "To": headers["To"],
            "Subject": headers["Subject"],
            "ReplyTo": headers.get("Reply-To", ""),
            "HtmlBody": envelope.html,
            "TextBody": envelope.plain,
            "Headers": [
                {"Name": name, "Value": value}
                for name, value in headers.items()
                if name not in _APART
            ],
            "MessageStream": account.options.get("stream", "outbound"),
            "Metadata": {"okaeri": envelope.reference},
            # Links and pixels are ours, or nobody's.
            "TrackOpens": False,
            "TrackLinks": "None",
        },
        idempotent=False,
    )
    said = json_of(response)
    code, words = said.get("ErrorCode"), str(said.get("Message", ""))
    if code == INACTIVE:
        raise Bounced(f"{response.status_code} {words}"[:300])
    judge(response, words, idempotent=False)
    if code:
        raise GiveUp(f"{code} {words}"[:300])
    return Receipt(str(said.get("MessageID", "")))


def prove(http: httpx.Client, base: str, account: Account) -> None:
    """Show that the token works: ask for the server it belongs to."""
    try:
        response = http.get(f"{base.rstrip('/')}/server", headers=_authorized(account))
    except httpx.HTTPError as error:
        raise Unavailable(f"The provider cannot be reached: {error}") from error
    judge(response, str(json_of(response).get("Message", "")), idempotent=False)


def _authorized(account: Account) -> dict[str, str]:
    return {"X-Postmark-Server-Token": account.key, "Accept": "application/json"}
