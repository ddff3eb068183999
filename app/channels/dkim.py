"""Signing what we send ourselves (DKIM, RFC 6376), so that a mailbox can tell that the domain in
From answers for the mail."""

from __future__ import annotations

import dkim

from app.channels.base import Signature

#: From and what a reader sees, and both headers of the way out (RFC 8058 asks for them).
COVERED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version",
    b"content-type", b"content-language", b"feedback-id", b"list-unsubscribe",
    b"list-unsubscribe-post",
)  # fmt: skip


def signed(message: bytes, signature: Signature) -> bytes:
    """The message with its DKIM-Signature on top; the same message and second give the same
    bytes."""
    # Naming From twice keeps anybody from adding a second one above ours.
    present = {line.partition(b":")[0].lower() for line in _head(message).split(b"\r\n")}
    covered = [name for name in COVERED if name in present] + [b"from"]
    header: bytes = dkim.sign(
        message,
        signature.selector.encode("ascii"),
        signature.domain.encode("ascii"),
        signature.private_key.encode("ascii"),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=covered,
    )
    return header + message


def _head(message: bytes) -> bytes:
    return message.partition(b"\r\n\r\n")[0]
