"""Delivery notices that come back by mail (RFC 3464) and complaints of the same shape (RFC 5965):
what a plain mail server has instead of a provider's reports."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime

from app.channels.reports import COMPLAINED, DELAYED, DELIVERED, HARD, SOFT, Report

#: Names our message in the mail itself; what comes back brings the header along.
REFERENCE = "X-Okaeri-Message"
#: "No such mailbox" and "mailbox closed" (RFC 3463). Other refusals say nothing of the address: 1.5
#: says that it is right, 1.7 to 1.9 and many a 1.0 are about the sender's.
_GONE = re.compile(r"5\.(1\.(?![05789]\b)\d{1,3}|2\.1)\b")
#: The subject and the link of what a mail program's unsubscribe button sends.
LEAVE = "unsubscribe"
_LINK = re.compile(r"/u/([\w.\-]+)")
_KEY = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


def read(body: bytes) -> Report | None:
    """The notice in a mail as it arrived, or in the JSON that Postmark's inbound wraps it in; None
    for any other mail (a holiday notice, an answer). Raises ValueError for JSON without a mail."""
    try:
        return _report(message_from_bytes(_raw(body), policy=policy.default))
    except LookupError:
        # The library stumbles over some headers that are none; no notice of ours has them.
        return None


def _report(mail: EmailMessage) -> Report | None:
    told, original = _notice(mail), _original(mail)
    if told is None or original is None:
        return None
    key = _KEY.search(str(original.get("Message-ID", "")))
    return Report(
        kind=told[0],
        reference=str(original.get(REFERENCE, "")).strip(),
        provider_id="",
        occurred_at=_moment(mail),
        detail=told[1],
        send_key=key[1] if key else "",
    )


def leaving(body: bytes) -> str:
    """The token of a mail by which a mail program's button asks for no more advertising; empty for
    any other mail, those that only quote such a link among them. Raises ValueError as `read`."""
    mail = message_from_bytes(_raw(body), policy=policy.default)
    if str(mail.get("Subject", "")).strip().casefold() != LEAVE:
        return ""
    part = mail.get_body(("plain",))
    found = _LINK.search(_ascii(part)) if part is not None else None
    return found[1] if found else ""


def _raw(body: bytes) -> bytes:
    if not body.lstrip().startswith(b"{"):
        return body
    try:
        wrapped = json.loads(body)
    except RecursionError as error:
        raise ValueError("the JSON is no notice") from error
    if not isinstance(wrapped.get("RawEmail"), str):
        raise ValueError("the JSON holds no RawEmail")
    return bytes(wrapped["RawEmail"].encode())


def _notice(mail: EmailMessage) -> tuple[str, str] | None:
    """What a report says became of the message, and the other side's words."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            said = blocks[1] if isinstance(blocks, list) and len(blocks) > 1 else None
            return _fate(said) if isinstance(said, EmailMessage) else None
        if part.get_content_type() == "message/feedback-report":
            abuse = re.search(rb"(?im)^feedback-type:\s*abuse\b", part.as_bytes())
            return (COMPLAINED, "") if abuse else None
    return None


def _fate(said: EmailMessage) -> tuple[str, str] | None:
    action, status = (str(said.get(name, "")).strip().lower() for name in ("Action", "Status"))
    words = " ".join(str(said.get("Diagnostic-Code", "")).split()) or status
    kinds = {
        "failed": HARD if _GONE.match(status) else SOFT,
        "delayed": DELAYED,
        "delivered": DELIVERED,
    }
    kind = kinds.get(action)
    return (kind, words[:500]) if kind else None


def _original(mail: EmailMessage) -> EmailMessage | None:
    """The headers of the message that the notice is about."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            return message_from_string(_ascii(part), policy=policy.default)
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            return inner if isinstance(inner, EmailMessage) else None
    return None


def _ascii(part: MIMEPart) -> str:
    """What a part says, in the letters that links and headers are made of: whatever it calls its
    encoding, which some programs have names of their own for."""
    said = part.get_payload(decode=True)
    return said.decode("ascii", "replace") if isinstance(said, bytes) else ""


def _moment(mail: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
    except ValueError:
        return None
    return found if found.tzinfo else None
