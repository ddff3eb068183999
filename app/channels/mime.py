"""An envelope as the bytes that go over the wire (RFC 5322, 2045–2047).

Assembled by hand: the standard library's message classes take seven times as long for the same
bytes, and what we write has one fixed shape. Both parts are base64, since a compiled mail has lines
of twenty thousand characters and SMTP allows 998.
"""

from __future__ import annotations

import re
from base64 import b64encode

from email_validator import EmailNotValidError, validate_email

from app.channels.base import Envelope
from app.core.errors import GiveUp

#: Headers made of addresses and links are ASCII by construction and must not be folded inside.
VERBATIM = frozenset(
    {"Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: What stands in a name only between quotation marks (RFC 5322, 3.2.3), and what is escaped there.
_SPECIAL, _TO_ESCAPE = re.compile(r'[()<>\[\]:;@\\,."]'), re.compile(r'(["\\])')
_BACKSLASHED, _ESCAPED = r"\\\1", re.compile(r"\\(.)")
CRLF = "\r\n"
#: The most that a line of base64 may have (RFC 2045).
LINE = 76
#: The most that an encoded word may have (RFC 2047, 2), and what stands around what it says.
WORD, _AROUND = 75, "=?utf-8?b?%s?="


def as_bytes(envelope: Envelope) -> bytes:
    """The whole message, CRLF throughout; the same envelope gives the same bytes."""
    boundary = f"=_okaeri_{envelope.send_key}"
    lines = [f"{name}: {encode(name, value)}" for name, value in envelope.headers.items()]
    lines += [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    head = "\r\n".join(lines).encode("ascii")
    parts = [_part("plain", envelope.plain), _part("html", envelope.html)]
    marker = f"\r\n--{boundary}".encode("ascii")
    return b"".join(
        [head, b"\r\n", *(b"".join((marker, b"\r\n", part)) for part in parts), marker, b"--\r\n"]
    )


def encode(name: str, value: str) -> str:
    """A header's value in ASCII: Japanese words become encoded words, addresses keep their `<>`.

    A line break in a value would let its author write headers of their own; it is refused.
    """
    if _CONTROL.search(value):
        raise GiveUp(f"The header {name} has a control character in it.")
    if name in VERBATIM or (value.isascii() and len(value) < 900):
        return _ascii(name, value)
    shown, mailbox = split_address(value) if name in ("From", "To", "Reply-To") else (value, "")
    words = _words(shown, LINE - len(name) - 2)
    return f"{words} <{_ascii(name, mailbox)}>" if mailbox else words


def split_address(value: str) -> tuple[str, str]:
    """`Name <a@b>` → name and address; a bare address has no name."""
    shown, bracket, rest = value.rpartition("<")
    if not bracket:
        return "", value.strip()
    shown = shown.strip()
    if len(shown) > 1 and shown[0] == shown[-1] == '"':
        shown = _ESCAPED.sub(r"\1", shown[1:-1])
    return shown, rest.rstrip("> ")


def in_ascii(mailbox: str) -> str:
    """A mailbox as every mail server takes it: `info@珈琲.jp` is `info@xn--….jp`. One that has no
    such form stays as it is."""
    if mailbox.isascii():
        return mailbox
    try:
        found = validate_email(mailbox, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return mailbox
    return found.ascii_email or mailbox


def address(shown: str, mailbox: str) -> str:
    """A name and a mailbox as readable header text, as providers are given it, too; names with
    specials are quoted in any language."""
    name = _CONTROL.sub(" ", shown).replace("<", " ").replace(">", " ").strip()
    if not name:
        return mailbox
    if not _SPECIAL.search(name):
        return f"{name} <{mailbox}>"
    return f'"{_TO_ESCAPE.sub(_BACKSLASHED, name)}" <{mailbox}>'


def _words(text: str, room: int) -> str:
    """`text` as encoded words (RFC 2047), the first of which has `room` on its line. The library's
    own takes as long for them as we for all the rest of a mail."""
    said, at, words = text.encode("utf-8"), 0, []
    while at < len(said):
        end = at + (room - len(_AROUND % "")) // 4 * 3
        # No letter is cut in two: what begins with the bits 10 goes on with one.
        while end < len(said) and said[end] & 0xC0 == 0x80:
            end -= 1
        words.append(_AROUND % b64encode(said[at:end]).decode())
        at, room = end, WORD
    return f"{CRLF} ".join(words)


def _ascii(name: str, value: str) -> str:
    if not value.isascii():
        raise GiveUp(f"The header {name} must be plain ASCII.")
    return value


def _part(kind: str, text: str) -> bytes:
    body = b64encode(text.encode("utf-8"))
    rows = [body[at : at + LINE] for at in range(0, len(body), LINE)]
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode("ascii") + b"\r\n".join(rows)
