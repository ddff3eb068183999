"""Signing what we send ourselves (DKIM, RFC 6376), so that a mailbox can tell that the domain in
From answers for the mail.

The arithmetic is OpenSSL's: done in Python, one signature takes longer than all the rest of a
message together.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.channels.base import Signature
from app.core.clock import machine_now

#: From and what a reader sees, and both headers of the way out (RFC 8058 asks for them).
COVERED = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version",
    b"content-type", b"content-language", b"feedback-id", b"list-unsubscribe",
    b"list-unsubscribe-post",
)  # fmt: skip
#: How many shops' keys a process keeps ready.
KEYS = 64
#: The signature is folded, so that no line of it is too long (RFC 5322, 2.1.1).
ROW = 70
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_AT_END = re.compile(rb"[ \t]+(?=\r\n|\Z)")


def signed(message: bytes, signature: Signature) -> bytes:
    """The message (CRLF throughout) with its DKIM-Signature on top; the same message and second
    give the same bytes."""
    head, _, body = message.partition(b"\r\n\r\n")
    present = _headers(head)
    # Naming From twice keeps anybody from adding a second one above ours.
    covered = [name for name in COVERED if name in present] + [b"from"]
    digest = b64encode(hashlib.sha256(_relaxed_body(body)).digest())
    said = b"; ".join(
        [
            b"v=1; a=rsa-sha256; c=relaxed/relaxed; q=dns/txt",
            b"\r\n d=" + signature.domain.encode("ascii"),
            b"\r\n s=" + signature.selector.encode("ascii"),
            b"t=%d" % int(machine_now().timestamp()),
            b"\r\n h=" + b":\r\n  ".join(covered),
            b"\r\n bh=" + digest,
            b"\r\n b=",
        ]
    )
    lines = [name + b":" + present[name] for name in covered[:-1]]
    # Our own header stands last, with nothing in `b=` and no line break after it (3.7).
    hashed = b"\r\n".join([*lines, b"dkim-signature:" + _relaxed(said)])
    made = b64encode(_key(signature.private_key).sign(hashed, padding.PKCS1v15(), hashes.SHA256()))
    rows = [made[at : at + ROW] for at in range(0, len(made), ROW)]
    return b"DKIM-Signature: " + said + b"\r\n  ".join(rows) + b"\r\n" + message


def _headers(head: bytes) -> dict[bytes, bytes]:
    """Each header's value as it is signed, by its name; of several of one name the last, which is
    the one that counts (5.4.2)."""
    rows = (row.partition(b":") for row in _FOLD.sub(b"", head).split(b"\r\n"))
    return {name.strip().lower(): _relaxed(value) for name, _, value in rows}


def _relaxed(value: bytes) -> bytes:
    """A header's value in relaxed form (3.4.2): on one line, blanks as one."""
    return _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    """The body in relaxed form (3.4.4): blanks as one and none at a line's end, no empty lines
    after the last."""
    plain = _AT_END.sub(b"", _BLANKS.sub(b" ", body)).rstrip(b"\r\n")
    return plain + b"\r\n" if plain else b""


@lru_cache(maxsize=KEYS)
def _key(pem: str) -> rsa.RSAPrivateKey:
    """The key, made ready once. It is one that we made: proving its numbers anew takes as long as a
    hundred signatures."""
    key = load_pem_private_key(pem.encode("ascii"), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("DKIM keys of ours are RSA keys")
    return key
