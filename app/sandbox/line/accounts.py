"""Official accounts: one per shop, with a Messaging API and a LINE Login channel of one provider.

The merchant copies ids and secrets from the console, and types the callback URL in, as at LINE.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work

KIND = "line_account"
#: The free plan (rules.md 2.4): messages a month.
FREE_QUOTA = 200
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def account(work: Work, domain: str) -> Document:
    """The shop's official account; opened when it is first looked at."""
    known = work.get(KIND, domain, "account")
    return known or work.put(KIND, domain, "account", _opened(work, domain))


def _opened(work: Work, domain: str) -> Document:
    shop = work.need("shop", domain, domain)
    number = work.new_id()
    return {
        "domain": domain,
        "name": shop["name"],
        "basic_id": f"@{domain.split('.', 1)[0]}",
        "bot_user_id": "U" + secrets.token_hex(16),
        "provider": secrets.token_hex(8),
        "channel_id": str(number),
        "channel_secret": secrets.token_hex(16),
        "channel_token": secrets.token_urlsafe(96),
        "login_channel_id": str(work.new_id()),
        "login_channel_secret": secrets.token_hex(16),
        "callback_urls": [],
        "webhook_url": None,
        "use_webhook": True,
        "redelivery": True,
        "quota": FREE_QUOTA,
        "notices": False,
        "default_menu": None,
    }


def accounts(sandbox: Sandbox) -> list[Document]:
    """Every shop's account."""
    with sandbox.work() as work:
        domains = [shop["domain"] for shop in work.find("shop")]
    found = []
    for domain in domains:
        with sandbox.work(domain) as work:
            found.append(account(work, domain))
    return found


def account_of(sandbox: Sandbox, domain: str) -> Document:
    """One shop's account."""
    with sandbox.work(domain) as work:
        return account(work, domain)


def by(work: Work, **where: Any) -> Document | None:
    """The account that has these values."""
    return work.one(KIND, None, **where)


def edit(
    sandbox: Sandbox,
    domain: str,
    *,
    callback_urls: list[str] | None = None,
    use_webhook: bool | None = None,
    redelivery: bool | None = None,
    quota: int | None = None,
    notices: bool | None = None,
) -> Document:
    """What a merchant changes in LINE's consoles; Refused for an address LINE would not take."""
    with sandbox.work(domain) as work:
        changed = {
            **account(work, domain),
            **{
                name: value
                for name, value in {
                    "callback_urls": callback_urls,
                    "use_webhook": use_webhook,
                    "redelivery": redelivery,
                    "quota": quota,
                    "notices": notices,
                }.items()
                if value is not None
            },
        }
        for url in changed["callback_urls"]:
            need_https(url, "The callback URL")
        return work.put(KIND, domain, "account", changed)


def need_https(url: str, what: str) -> None:
    """LINE takes https only; a machine's own loopback address stands in for a host here."""
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or not parts.netloc or len(url) > 1000:
        raise Refused(f"{what} must be an https URL of at most 1000 characters.")
