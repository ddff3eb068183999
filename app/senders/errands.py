"""Errands over other people's networks: proving keys, looking at the DNS, answering Amazon."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from app.channels.accounts import provider_of
from app.channels.base import InDoubt
from app.channels.prove import prove
from app.channels.smtp import Endpoint
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.senders import dns, queries, records, service
from app.senders.events import HookOffered, SenderEntered
from app.senders.model import SenderAccount

#: Amazon's notification service, in any of its partitions.
AMAZON = re.compile(r"sns\.(?P<region>[a-z0-9-]{1,32})\.amazonaws\.com(\.cn)?")
#: What a row says when our key is not in the DNS yet.
NO_KEY = "no_key_in_dns"


def prove_account(shop_id: int, event: SenderEntered) -> None:
    """Try what the merchant entered. The answer is theirs to see at once: a wire that says "later"
    is a refusal here, with a button to try again."""
    with unit_of_work(shop_id) as session:
        account = queries.account(session, event.account_id)
    if account is None or account.state != "checking":
        return
    domain = queries.domain_of(account.mailbox or queries.host_mailbox())
    try:
        wanted = _prove(shop_id, account, domain)
    except (GiveUp, TryLater, InDoubt) as error:
        with unit_of_work(shop_id) as session:
            service.refuse(session, account.id, str(error))
        return
    with unit_of_work(shop_id) as session:
        service.activate(session, account.id, wanted)
    look(shop_id)


def look(shop_id: int) -> None:
    """See what the DNS says of the domain that the shop sends in the name of, or wants to."""
    with unit_of_work(shop_id) as session:
        account = queries.active(session) or queries.newest(session)
    if account is not None and account.mailbox and account.state != "retired":
        _look(shop_id, account)


def confirm_hook(shop_id: int, event: HookOffered) -> None:  # noqa: ARG001  # every errand has one
    """Tell Amazon that we want its reports."""
    parts = urlsplit(event.url)
    found = AMAZON.fullmatch(parts.netloc)
    if parts.scheme != "https" or found is None:
        raise GiveUp("The address to confirm is not Amazon's.")
    base = runtime().settings.sns_url.format(region=found["region"]).rstrip("/")
    try:
        answer = runtime().http.get(f"{base}{parts.path}?{parts.query}")
    except httpx.HTTPError as error:
        raise TryLater(f"Amazon cannot be reached: {error}") from error
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TryLater(f"Amazon answered {answer.status_code}")
    if answer.status_code >= 400:
        raise GiveUp(f"Amazon answered {answer.status_code}")


def _prove(shop_id: int, account: SenderAccount, domain: str) -> list[dict[str, str]]:
    if account.endpoint:
        return prove(unseal(account.endpoint), domain)
    # The host's server in the shop's name: only once mailboxes can check our signature.
    findings = _look(shop_id, account)
    if not any(found["ours"] and found["state"] == records.FOUND for found in findings):
        raise GiveUp(NO_KEY)
    return []


def _look(shop_id: int, account: SenderAccount) -> list[dict[str, object]]:
    name = queries.domain_of(account.mailbox)
    with unit_of_work(shop_id) as session:
        known = service.prepare_domain(session, name)
    needed = records.needed(
        name,
        account.provider,
        selector=known.selector,
        public_key=known.public_key,
        host_domain=queries.domain_of(queries.host_mailbox()),
        server=_server(account),
        wanted=known.wanted,
    )
    findings = dns.look_at(needed, account.provider)
    with unit_of_work(shop_id) as session:
        service.keep_findings(session, name, findings)
    return findings


def _server(account: SenderAccount) -> str:
    if not account.endpoint:
        return ""
    url = unseal(account.endpoint)
    return Endpoint.parse(url).host if provider_of(url) == "smtp" else ""
