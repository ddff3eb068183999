"""Who opened and who clicked: people, mail programs that fetch everything beforehand, or scanners
that follow every link. Pure (rules.md EM-10, features.md J1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HUMAN, PROXY, PREFETCH, SCANNER = "human", "proxy", "prefetch", "scanner"
OPEN, CLICK = "open", "click"
#: The link that no person sees.
TRAP = "trap"
#: So many different links within so short a time are followed by a machine.
BURST, BURST_SPAN = 3, timedelta(seconds=2)
#: Whoever followed the trap is a machine so long before and after.
TRAPPED = timedelta(seconds=30)
#: How long a click waits for its company before it is judged.
PATIENCE = timedelta(seconds=5)

#: Apple's privacy protection fetches every picture, read or not, and says no more than this.
APPLE = "Mozilla/5.0"
#: What programs that check links call themselves, in lower case.
MACHINES = (
    *("bot", "crawler", "spider", "scanner", "preview", "facebookexternalhit", "headless"),
    *("barracuda", "proofpoint", "mimecast", "symantec", "forcepoint", "fireeye", "trendmicro"),
    *("safelinks", "urldefense", "zscaler", "curl/", "wget/", "python", "go-http-client"),
    *("java/", "okhttp", "libwww", "node-fetch", "axios"),
)
#: Headers by which browsers and programs say that nobody has asked for this yet.
ANNOUNCING = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")


@dataclass(frozen=True)
class Click:
    """One click: which link of the message, when, and what its request alone gave away."""

    link: str
    number: int
    at: datetime
    verdict: str | None = None


def at_first_sight(what: str, headers: Mapping[str, str]) -> str | None:
    """What a request gives away by itself; None when only its company can tell."""
    if any(
        word in headers.get(name, "").lower() for name in ANNOUNCING for word in ("prefe", "previ")
    ):
        return PREFETCH
    agent = headers.get("User-Agent", "").strip()
    if what == OPEN and agent == APPLE:
        return PROXY
    lowered = agent.lower()
    # The picture proxies of Gmail and Yahoo fetch when somebody reads; they hide only where.
    if not lowered or any(name in lowered for name in MACHINES):
        return SCANNER
    return HUMAN if what == OPEN else None


def judge(click: Click, company: Sequence[Click]) -> str:
    """Whether a click was a person's, from all clicks on the same message around it."""
    if click.verdict:
        return click.verdict
    if any(each.link == TRAP and abs(each.at - click.at) <= TRAPPED for each in company):
        return SCANNER
    around = sorted((each.at, each.number) for each in [*company, click])
    for start, _number in around:
        together = {number for at, number in around if start <= at <= start + BURST_SPAN}
        if start <= click.at <= start + BURST_SPAN and len(together) >= BURST:
            return SCANNER
    return HUMAN
