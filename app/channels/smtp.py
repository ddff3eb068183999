"""One SMTP conversation, with every answer sorted into what it means for the message.

`smtplib` opens, secures and authenticates the line; the handing over is written out here, because
the moment of the final dot decides whether a lost line means "not sent" or "nobody knows".
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.channels.base import Bounced, InDoubt, Receipt, Unavailable
from app.core.errors import GiveUp, TryLater
from app.core.outward import is_public, resolve

#: Seconds to connect, for all that is said before the final dot, and for the answer to it. That
#: answer is worth waiting for: without it nobody knows whether the message was taken.
CONNECT_S, WHOLE_S, AFTER_DOT_S = 5.0, 20.0, 60.0
#: What may stand between the brackets of a path. Rules for local parts are the receiver's business:
#: Japanese carriers gave out addresses (`..@docomo`) that RFC 5322 forbids.
_PATH = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")
_DOT = b".\r\n"
#: "No such mailbox", in so many figures. A refusal on policy (5.7.1) is another matter and says
#: nothing about the address; nor do 5.1.5, which calls it right, and 5.1.7 to 5.1.9 (RFC 3463) and
#: many a 5.1.0, which are about the sender's.
_GONE = re.compile(r"5\d\d (5\.1\.(?![05789]\b)|5\.2\.1\b)")
#: Said to the recipient's name, a refusal without any figures means the same.
_REFUSED = re.compile(r"(550|551|553) (?!\d\.\d)")


@dataclass(frozen=True)
class Endpoint:
    """Where to connect and as whom. `security`: `tls` from the start (`smtps://`), `starttls`
    demanded (`smtp+starttls://`), or `offered`: taken when the server has it (`smtp://`).
    `outside`: spoken to only where it is found on the internet."""

    host: str
    port: int
    security: str
    user: str | None
    password: str | None
    outside: bool = False

    @classmethod
    def parse(cls, url: str, *, outside: bool = False) -> Endpoint:
        """From `smtp://user:password@host:port` and its two sisters; raises GiveUp on others."""
        parts = urlsplit(url)
        schemes = {
            "smtp": ("offered", 25),
            "smtp+starttls": ("starttls", 587),
            "smtps": ("tls", 465),
        }
        if parts.scheme not in schemes or not parts.hostname:
            raise GiveUp("The mail server's address is not a valid smtp:// or smtps:// URL.")
        security, port = schemes[parts.scheme]
        return cls(
            host=parts.hostname,
            port=parts.port or port,
            security=security,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or "") if parts.username else None,
            outside=outside,
        )


class Line:
    """An open line to one server; good for many messages, one after the other."""

    def __init__(self, endpoint: Endpoint, local_name: str) -> None:
        self.endpoint = endpoint
        self.used = False
        self._until = 0.0
        try:
            self.client = self._open(endpoint, local_name)
        except smtplib.SMTPAuthenticationError as error:
            # Wrong until someone corrects the password, and then right: worth trying again.
            raise Unavailable(f"The mail server refused the login ({error.smtp_code}).") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"The mail server cannot be reached: {_why(error)}") from error

    @staticmethod
    def _open(endpoint: Endpoint, local_name: str) -> smtplib.SMTP:
        if endpoint.outside:
            # Before anybody is knocked at: whether an inner door is open is nobody's business.
            _stay_outside(resolve(endpoint.host))
        context = ssl.create_default_context()
        client: smtplib.SMTP
        if endpoint.security == "tls":
            client = smtplib.SMTP_SSL(
                endpoint.host, endpoint.port, local_name, timeout=CONNECT_S, context=context
            )
        else:
            client = smtplib.SMTP(endpoint.host, endpoint.port, local_name, timeout=CONNECT_S)
        try:
            if endpoint.outside and client.sock is not None:
                # A name may be answered differently a moment after it was looked up.
                _stay_outside([client.sock.getpeername()[0]])
            _keep_nothing_back(client.sock)
            client.ehlo()
            if endpoint.security == "starttls" or (
                endpoint.security == "offered" and client.has_extn("starttls")
            ):
                client.starttls(context=context)
                client.ehlo()
            if endpoint.user:
                client.login(endpoint.user, endpoint.password or "")
        except BaseException:
            client.close()
            raise
        return client

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Receipt:
        """One message, from MAIL FROM to the answer after the dot."""
        self._until = time.monotonic() + WHOLE_S
        self.used = True
        try:
            self._command(f"MAIL FROM:<{_path(sender)}>", 250)
            self._address(recipient)
            self._command("DATA", 354)
            self._hurry()
            self.client.send(_stuffed(message))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            # The dot has not left us, so the server cannot have taken the message.
            self.close()
            if isinstance(error, TimeoutError):
                # It is connected and says nothing: the next message would wait as long again.
                raise Unavailable("The mail server does not answer.") from error
            raise TryLater(f"The mail server hung up early: {_why(error)}") from error
        return self._dot()

    def _address(self, recipient: str) -> None:
        try:
            self._command(f"RCPT TO:<{_path(recipient)}>", 250, 251)
        except GiveUp as error:
            if _GONE.match(str(error)) or _REFUSED.match(str(error)):
                raise Bounced(str(error)) from error
            raise

    def _dot(self) -> Receipt:
        self._set_timeout(AFTER_DOT_S)
        try:
            self.client.send(_DOT)
            code, answer = self.client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise InDoubt(f"No answer after the final dot: {_why(error)}") from error
        try:
            self._judge(code, answer, (250,))
        except GiveUp as error:
            # Some servers look for the mailbox only once they have the whole message.
            if _GONE.match(str(error)):
                raise Bounced(str(error)) from error
            raise
        return Receipt(f"{code} {_text(answer)}")

    def _command(self, command: str, *good: int) -> None:
        self._hurry()
        self.client.putcmd(command)
        code, answer = self.client.getreply()
        self._judge(code, answer, good)

    def _judge(self, code: int, answer: bytes, good: tuple[int, ...]) -> None:
        if code in good:
            return
        said = f"{code} {_text(answer)}"
        if code == 421 or code < 0:
            self.close()
        else:
            self._reset()
        if 500 <= code < 600:
            raise GiveUp(said)
        raise TryLater(said)

    def _reset(self) -> None:
        """Ready the line for the next message, or let go of it."""
        try:
            self.client.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _hurry(self) -> None:
        """Wait no longer than what is left for the whole conversation."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The conversation took too long.")
        self._set_timeout(left)

    def _set_timeout(self, seconds: float) -> None:
        if self.client.sock is not None:
            self.client.sock.settimeout(seconds)

    @property
    def is_open(self) -> bool:
        return self.client.sock is not None

    def close(self) -> None:
        """Hang up without ceremony."""
        self.client.close()

    def quit(self) -> None:
        """Say goodbye; a server that is gone already does not mind."""
        try:
            self._set_timeout(CONNECT_S)
            self.client.quit()
        except (OSError, smtplib.SMTPException):
            self.close()


def _stay_outside(addresses: list[str]) -> None:
    """Have nothing to do with machines of the host's own network."""
    if not all(map(is_public, addresses)):
        raise GiveUp("The mail server is inside the host's network.")


def _keep_nothing_back(line: socket.socket | None) -> None:
    """Let the final dot follow its message at once: the kernel by itself would hold it until the
    server has confirmed what went before, which takes it a 25th of a second for every message."""
    if line is not None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _stuffed(message: bytes) -> bytes:
    """Lines that begin with a dot get a second one; ends with a line break (RFC 5321 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", message)
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _path(address: str) -> str:
    if not _PATH.fullmatch(address):
        raise GiveUp("The address cannot be written in an envelope.")
    mailbox, _, domain = address.rpartition("@")
    if not mailbox.isascii():
        raise GiveUp("The address has letters before the @ that mail servers do not take.")
    try:
        return f"{mailbox}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise GiveUp("The address's domain is not valid.") from error


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace").replace("\n", " ")[:200]


def _why(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
