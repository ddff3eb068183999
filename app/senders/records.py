"""The DNS records a sender's domain needs, and what was found of them: pure decisions.

SPF (RFC 7208) names the servers that may send, DKIM (RFC 6376) the key of its signatures, DMARC
(RFC 7489) what mailboxes do when neither speaks for the domain in From, MX where answers go.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

FOUND, MISSING, WRONG, UNKNOWN = "found", "missing", "wrong", "unknown"
SPF, DKIM, DMARC, MX = "spf", "dkim", "dmarc", "mx"
_ALL = re.compile(r"[-~?+]?all", re.IGNORECASE)
#: What ends a policy: `all`, or the one that another domain keeps.
_END = re.compile(r"[-~?+]?all|redirect=.*", re.IGNORECASE)
#: Whose DNS said nothing when asked, although it should have answered.
NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Record:
    """A record the domain needs. `ours` marks the key that Okaeri signs with."""

    purpose: str
    type: str
    name: str
    value: str
    ours: bool = False


@dataclass(frozen=True)
class Seen:
    """What the DNS says under a name: nothing, some values, or no answer at all."""

    values: tuple[str, ...] = ()
    answered: bool = True


@dataclass(frozen=True)
class Finding:
    """A needed record and what was seen: `value` is what to put there now (an SPF record that is
    there already keeps what it says), `why` a code for people: `several`, `not_included`,
    `other_key`, `no_policy`, `differs`, `no_answer`."""

    purpose: str
    type: str
    name: str
    value: str
    state: str
    seen: list[str]
    why: str = ""
    ours: bool = False

    def kept(self) -> dict[str, Any]:
        """As it is kept on the domain's row."""
        return asdict(self)


def needed(
    domain: str,
    provider: str,
    *,
    selector: str,
    public_key: str,
    host_domain: str,
    server: str,
    wanted: list[dict[str, str]],
) -> list[Record]:
    """What mail in the domain's name needs when it leaves by `provider`. `wanted` is what the
    provider itself asks for; the shop's own server and the host's are signed for here."""
    records = [Record(one["purpose"], one["type"], one["name"], one["value"]) for one in wanted]
    if provider == "host":
        records.append(Record(SPF, "TXT", domain, f"v=spf1 include:{host_domain} ~all"))
    elif provider == "smtp":
        records.append(Record(SPF, "TXT", domain, f"v=spf1 a:{server} mx ~all"))
    if provider in ("host", "smtp"):
        name = f"{selector}._domainkey.{domain}"
        value = f"v=DKIM1; k=rsa; p={public_key}"
        records.append(Record(DKIM, "TXT", name, value, ours=True))
    records.append(Record(DMARC, "TXT", f"_dmarc.{domain}", "v=DMARC1; p=none"))
    records.append(Record(MX, "MX", domain, ""))
    return records


def parents(name: str) -> list[str]:
    """Where a DMARC policy may stand: the domain's own name, then its parents, without the last
    label (RFC 9091's walk up the tree needs no list of public suffixes)."""
    labels = name.removeprefix("_dmarc.").split(".")
    return [f"_dmarc.{'.'.join(labels[at:])}" for at in range(max(len(labels) - 1, 1))]


def judge(record: Record, seen: Seen, provider: str) -> Finding:
    """What was seen, measured by what is needed."""
    if not seen.answered:
        return _finding(record, UNKNOWN, seen, NO_ANSWER)
    if record.type != "CNAME" and record.purpose == SPF:
        return _spf(record, seen, provider)
    judges = {DKIM: _dkim, DMARC: _dmarc, MX: _mx}
    chosen = _same if record.type == "CNAME" else judges.get(record.purpose, _same)
    return chosen(record, seen)


def _spf(record: Record, seen: Seen, provider: str) -> Finding:
    policies = [value for value in seen.values if value.lower().split(" ")[0] == "v=spf1"]
    if not policies:
        return _finding(record, MISSING, Seen(()))
    if len(policies) > 1:
        # Two policies are an error for every receiver (RFC 7208, 4.5).
        return _finding(record, WRONG, Seen(tuple(policies)), "several")
    needs = [part for part in record.value.split() if part.startswith("include:")]
    lacking = [part for part in needs if part.lower() not in _passing(policies[0])]
    if provider != "smtp" and lacking:
        better = Record(SPF, "TXT", record.name, _with(policies[0], lacking))
        return _finding(better, WRONG, Seen(tuple(policies)), "not_included")
    return _finding(record, FOUND, Seen(tuple(policies)))


def _with(policy: str, parts: list[str]) -> str:
    """An SPF policy with more mechanisms, before what ends it."""
    words = policy.split()
    ends = [at for at, word in enumerate(words) if _END.fullmatch(word)]
    at = ends[0] if ends else len(words)
    return " ".join([*words[:at], *parts, *(word for word in words[at:] if word not in parts)])


def _passing(policy: str) -> list[str]:
    """The mechanisms of a policy that let a server send, up to its `all`, behind which receivers
    read none (RFC 7208, 4.6.2 and 5.1)."""
    words = policy.lower().split()
    end = next((at for at, word in enumerate(words) if _ALL.fullmatch(word)), len(words))
    return [word.removeprefix("+") for word in words[:end]]


def _dkim(record: Record, seen: Seen) -> Finding:
    keys = [value for value in seen.values if "p=" in value]
    if not keys:
        return _finding(record, MISSING, Seen(()))
    if any(_tags(key).get("p") == _tags(record.value).get("p") for key in keys):
        return _finding(record, FOUND, Seen(tuple(keys)))
    return _finding(record, WRONG, Seen(tuple(keys)), "other_key")


def _dmarc(record: Record, seen: Seen) -> Finding:
    policies = [value for value in seen.values if value.lower().startswith("v=dmarc1")]
    if not policies:
        return _finding(record, MISSING, Seen(()))
    if len(policies) > 1:
        return _finding(record, WRONG, Seen(tuple(policies)), "several")
    if _tags(policies[0]).get("p", "").lower() not in ("none", "quarantine", "reject"):
        return _finding(record, WRONG, Seen(tuple(policies)), "no_policy")
    return _finding(record, FOUND, Seen(tuple(policies)))


def _mx(record: Record, seen: Seen) -> Finding:
    # "0 ." says that the domain takes no mail (RFC 7505).
    takers = tuple(value for value in seen.values if value.split()[-1].rstrip("."))
    return _finding(record, FOUND if takers else MISSING, Seen(takers))


def _same(record: Record, seen: Seen) -> Finding:
    if not seen.values:
        return _finding(record, MISSING, seen)
    same = any(_plain(value) == _plain(record.value) for value in seen.values)
    return _finding(record, FOUND if same else WRONG, seen, "" if same else "differs")


def _plain(value: str) -> str:
    return re.sub(r"\s+", "", value).rstrip(".").lower()


def _tags(value: str) -> dict[str, str]:
    """The `name=value` parts of a DKIM or DMARC record; spaces inside a value mean nothing."""
    parts = (part.partition("=") for part in value.split(";"))
    return {name.strip().lower(): re.sub(r"\s+", "", text) for name, _, text in parts}


def _finding(record: Record, state: str, seen: Seen, why: str = "") -> Finding:
    return Finding(
        purpose=record.purpose,
        type=record.type,
        name=record.name,
        value=record.value,
        state=state,
        seen=list(seen.values),
        why=why,
        ours=record.ours,
    )
