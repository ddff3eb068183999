"""Providers report bounces and complaints to an address that names the shop; whether it is really
the provider is found out in two steps, of which the first needs the network and no database."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from app.channels import signatures
from app.core import links
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.senders.model import SenderAccount

PURPOSE = "email-hook"
#: Their bounces come back by mail, which a mail server's filter hands on as it is.
BY_MAIL = frozenset({"smtp", "host"})
#: The address is pasted into a provider's console and stays there.
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def address(account: SenderAccount) -> str:
    """Where the provider of an account sends its reports."""
    token = links.sign(account.shop_id, PURPOSE, {"account": account.id}, FOREVER)
    url = f"{runtime().settings.app_url.rstrip('/')}/hooks/email/{account.provider}/{token}"
    if account.provider == "postmark" and account.hook_secret:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://okaeri:{unseal(account.hook_secret)}@{rest}"
    return url


def vouched(provider: str, body: bytes) -> bool:
    """What can be found out without the shop: Amazon signs with a certificate of its own."""
    return provider != "ses" or signatures.sns(body)


def genuine(account: SenderAccount, headers: Mapping[str, str], body: bytes) -> bool:
    """What the shop's secret proves. Amazon's topic is learnt with its first question, which only
    whoever was given the address can have brought about; later ones must be the same."""
    if account.provider in BY_MAIL:
        # A mail server's filter cannot sign: whoever knows the address was given it.
        return True
    secret = unseal(account.hook_secret) if account.hook_secret else ""
    if account.provider == "ses":
        if not secret:
            return signatures.is_subscription(body)
        return hmac.compare_digest(secret.encode(), signatures.topic_of(body).encode())
    if not secret:
        return False
    if account.provider == "resend":
        return signatures.svix(secret, headers, body)
    return account.provider == "postmark" and signatures.basic(secret, headers)
