"""What mail providers report of a message, whatever their words for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DELIVERED, HARD, SOFT = "delivered", "hard_bounce", "soft_bounce"
COMPLAINED, SENT, DELAYED = "complained", "sent", "delayed"


@dataclass(frozen=True)
class Report:
    """One thing that happened to one message. `reference` is our number for it, where the report
    brings it back; `provider_id` the provider's own."""

    kind: str
    reference: str
    provider_id: str
    occurred_at: datetime | None
    detail: str = ""
    #: Our key, where the report names no more than the mail's own headers.
    send_key: str = ""


def read(provider: str, body: bytes) -> Report | None:
    """The report in a verified body; None when it is about nothing we act on. Raises ValueError
    for a body that is no report at all."""
    said = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("the report is no object")
    return _READERS[provider](said)


def _resend(said: dict[str, Any]) -> Report | None:
    data = said.get("data") or {}
    bounce = data.get("bounce") or {}
    kinds = {
        "email.sent": SENT,
        "email.delivered": DELIVERED,
        "email.delivery_delayed": DELAYED,
        "email.complained": COMPLAINED,
        # "Undetermined" says nothing against the address, as at Amazon.
        "email.bounced": SOFT if bounce.get("type") in ("Transient", "Undetermined") else HARD,
    }
    kind = kinds.get(str(said.get("type")))
    if kind is None:
        return None
    return Report(
        kind=kind,
        reference=_tag(data.get("tags")),
        provider_id=str(data.get("email_id", "")),
        occurred_at=_moment(said.get("created_at")),
        detail=str(bounce.get("message", "")),
    )


def _ses(said: dict[str, Any]) -> Report | None:
    """An SES event inside an SNS notification."""
    try:
        event = json.loads(said.get("Message", ""))
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    kind = _ses_kind(event)
    if kind is None:
        return None
    mail = event.get("mail") or {}
    part = event.get(_SES_PART.get(kind, "")) or {}
    recipients = part.get("bouncedRecipients") or []
    return Report(
        kind=kind,
        reference=_tag(mail.get("tags")),
        provider_id=str(mail.get("messageId", "")),
        occurred_at=_moment(part.get("timestamp") or mail.get("timestamp")),
        detail=str(recipients[0].get("diagnosticCode", "")) if recipients else "",
    )


_SES_PART = {HARD: "bounce", SOFT: "bounce", COMPLAINED: "complaint", DELIVERED: "delivery"}


def _ses_kind(event: dict[str, Any]) -> str | None:
    name = event.get("eventType") or event.get("notificationType")
    if name == "Bounce":
        permanent = (event.get("bounce") or {}).get("bounceType") == "Permanent"
        return HARD if permanent else SOFT
    if name == "Complaint":
        feedback = (event.get("complaint") or {}).get("complaintFeedbackType")
        # The person moved it out of the spam folder: the contrary of a complaint.
        return None if feedback == "not-spam" else COMPLAINED
    known = {"Delivery": DELIVERED, "Send": SENT, "DeliveryDelay": DELAYED}
    return known.get(str(name))


def _postmark(said: dict[str, Any]) -> Report | None:
    record, kind = str(said.get("RecordType")), None
    if record == "Delivery":
        kind = DELIVERED
    elif record == "SpamComplaint":
        kind = COMPLAINED
    elif record == "Bounce":
        kind = _POSTMARK_BOUNCES.get(str(said.get("Type")))
    if kind is None:
        return None
    return Report(
        kind=kind,
        reference=_tag(said.get("Metadata")),
        provider_id=str(said.get("MessageID", "")),
        occurred_at=_moment(said.get("BouncedAt") or said.get("DeliveredAt")),
        detail=str(said.get("Description", "")),
    )


_POSTMARK_BOUNCES = {
    "HardBounce": HARD,
    "BadEmailAddress": HARD,
    "ManuallyDeactivated": HARD,
    "SoftBounce": SOFT,
    "Transient": SOFT,
    "DnsError": SOFT,
    # Refused for what it is or whence it comes, not for whom it is to.
    "Blocked": SOFT,
    "SpamNotification": SOFT,
    "DMARCPolicy": SOFT,
    "SpamComplaint": COMPLAINED,
}

_READERS: dict[str, Callable[[dict[str, Any]], Report | None]] = {
    "resend": _resend,
    "ses": _ses,
    "postmark": _postmark,
}


def _tag(tags: Any) -> str:
    """Our number, from a mapping (of lists, at Amazon) or a list of pairs."""
    if isinstance(tags, list):
        tags = {tag.get("name"): tag.get("value") for tag in tags if isinstance(tag, dict)}
    found = tags.get("okaeri", "") if isinstance(tags, dict) else ""
    return str(found[0] if isinstance(found, list) and found else found)


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
