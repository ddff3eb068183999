"""The words of the page about sending."""

from __future__ import annotations

from typing import Any

from app.core.locale import gettext as _
from app.senders.errands import NO_KEY
from app.senders.words import refused

#: Fields that may be written back into a form; the others hold keys.
HARMLESS = ("mailbox", "region", "configuration_set", "stream")
#: Providers that tell what became of a message.
REPORTING = frozenset({"resend", "ses", "postmark", "smtp", "host"})


def way_name(way: str) -> str:
    """What people call a way out."""
    names = {
        "host": _("Okaeri’s mail server, in your name"),
        "smtp": _("Your own mail server (SMTP)"),
        "resend": "Resend",
        "ses": "Amazon SES",
        "postmark": "Postmark",
    }
    return names.get(way, way)


def about_way(way: str) -> str:
    """What a way out is good for, and what it is not."""
    texts = {
        "host": _(
            "You add two DNS records and need no account anywhere. Okaeri signs every mail "
            "for your domain (DKIM)."
        ),
        "smtp": _(
            "Mail leaves through the server you name. Bounces are known when the server refuses at "
            "once; have it post delivery notices that come back by mail, and those count, too."
        ),
        "resend": _(
            "Recommended: it takes each message exactly once, even when a connection "
            "breaks, and reports bounces and complaints."
        ),
        "ses": _("Good for large volumes. Reports bounces and complaints through Amazon SNS."),
        "postmark": _("Known for fast delivery. Reports bounces and complaints."),
    }
    return texts.get(way, "")


def trouble(detail: str) -> str:
    """Why a way out was refused, in words; what the other side said stands beside it."""
    if detail == NO_KEY:
        return _(
            "The DKIM record is not in your DNS yet. Add it as shown below; we look again every "
            "night, and whenever you ask."
        )
    return refused(detail)


def purpose(name: str) -> str:
    """What a record is for."""
    names = {
        "spf": _("SPF: who may send for you"),
        "dkim": _("DKIM: the signature’s key"),
        "dmarc": _("DMARC: what mailboxes do with forgeries"),
        "mx": _("MX: where answers arrive"),
    }
    return names.get(name, name.upper())


def state(name: str) -> str:
    """How a record was found."""
    names = {
        "found": _("Found"),
        "missing": _("Missing"),
        "wrong": _("Needs a change"),
        "unknown": _("No answer"),
    }
    return names.get(name, name)


def finding(found: dict[str, Any]) -> str:
    """What is wrong with a record and what to do, in plain words."""
    texts = {
        "several": _("There are several such records; only one may exist. Merge them into one."),
        "not_included": _(
            "The record exists but does not name this server. Replace it with the value shown."
        ),
        "other_key": _("Another key lies under this name. Replace it with the value shown."),
        "no_policy": _("The record has no valid policy (p=). Replace it with the value shown."),
        "differs": _("Something else lies under this name. Replace it with the value shown."),
        "no_answer": _("Your DNS server did not answer. We will look again."),
    }
    if found["state"] == "missing" and found["purpose"] == "mx":
        return _("The domain takes no mail: answers and delivery notices get lost.")
    if found["state"] == "missing":
        return _("Add this record where your domain’s DNS is kept.")
    return texts.get(found.get("why", ""), "")


def why(reason: str | None) -> str:
    """Why there is a daily limit."""
    texts = {"warm_up": _("warm-up of a new domain"), "slowed": _("slowed after complaints")}
    return texts.get(reason or "", "")


def looked() -> str:
    """Said after the DNS was asked."""
    return _("Looking at your DNS. The result appears in a moment.")
