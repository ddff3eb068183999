"""Asking the DNS, through the resolver that the host's settings name."""

from __future__ import annotations

from dns.exception import DNSException, Timeout
from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers, NoResolverConfiguration, Resolver

from app.core.runtime import runtime
from app.senders.records import Record, Seen, judge, parents

#: For one question, over all tries; a page waits for nobody's broken name server.
PATIENCE_S = 6.0


def look_at(records: list[Record], provider: str) -> list[dict[str, object]]:
    """Look every record up and judge it; the findings as they are kept."""
    asking = _resolver()
    return [judge(record, _seen(asking, record), provider).kept() for record in records]


def _seen(asking: Resolver, record: Record) -> Seen:
    if record.purpose != "dmarc":
        return _ask(asking, record.name, record.type)
    for name in parents(record.name):
        seen = _ask(asking, name, "TXT")
        if not seen.answered or any(value.lower().startswith("v=dmarc1") for value in seen.values):
            return seen
    return Seen()


def _ask(asking: Resolver, name: str, kind: str) -> Seen:
    try:
        answer = asking.resolve(name, kind, lifetime=PATIENCE_S)
    except (NXDOMAIN, NoAnswer):
        return Seen()
    except (Timeout, NoNameservers, DNSException):
        return Seen(answered=False)
    if kind == "TXT":
        return Seen(tuple(b"".join(row.strings).decode("utf-8", "replace") for row in answer))
    return Seen(tuple(row.to_text() for row in answer))


def _resolver() -> Resolver:
    """The one that settings name (`host` or `host:port`), or this machine's own."""
    named = runtime().settings.dns_server
    if not named:
        try:
            return Resolver()
        except NoResolverConfiguration:
            # A machine without one: every question goes unanswered, which the page can say.
            return Resolver(configure=False)
    host, _, port = named.rpartition(":") if ":" in named else (named, "", "53")
    made = Resolver(configure=False)
    made.nameservers, made.port = [host], int(port)
    return made
