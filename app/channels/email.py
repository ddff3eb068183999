"""E-mail, by whichever way the envelope names: the host's server, a shop's own, or a provider."""

from __future__ import annotations

import socket
import threading
from functools import cache

from app.channels import postmark, resend
from app.channels.accounts import provider_of, read
from app.channels.base import Envelope, InDoubt, Receipt, Unavailable
from app.channels.breaker import Breaker
from app.channels.dkim import signed
from app.channels.mime import as_bytes
from app.channels.rests import Rests
from app.channels.ses import Ses
from app.channels.smtp import Endpoint, Line
from app.core.errors import TryLater
from app.core.runtime import runtime


class EmailChannel:
    """Keeps lines to servers open until `close`, and leaves closed ways alone; with `rests`, what
    one process of the host finds closed spares the others. With `outside`, mail servers that an
    envelope names have to be on the internet."""

    def __init__(self, rests: Rests | None = None, *, outside: bool = False) -> None:
        self._outside = outside
        #: Lines that nobody speaks on.
        self._idle: dict[Endpoint, list[Line]] = {}
        self._lock = threading.Lock()
        self._breaker = Breaker(rests)
        self._ses = Ses()

    def send(self, envelope: Envelope) -> Receipt:
        """Hand the message over; see `channels.base.Channel` for what may be raised."""
        url = envelope.endpoint or runtime().settings.smtp_url
        self._breaker.ask(url)
        try:
            receipt = self._hand_over(url, envelope)
        except Unavailable as error:
            self._breaker.trip(url, str(error), error.seconds)
            raise
        except InDoubt as error:
            # Whoever does not answer for one message would leave the next in doubt as well.
            self._breaker.trip(url, str(error))
            raise
        self._breaker.mend(url)
        return receipt

    def close(self) -> None:
        """Say goodbye on every line that nobody speaks on."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for line in (line for lines in idle.values() for line in lines):
            line.quit()

    def _hand_over(self, url: str, envelope: Envelope) -> Receipt:
        provider = provider_of(url)
        if provider == "smtp":
            outside = self._outside and bool(envelope.endpoint)
            return self._by_smtp(Endpoint.parse(url, outside=outside), envelope)
        settings, http = runtime().settings, runtime().http
        if provider == "resend":
            return resend.send(http, settings.resend_api_url, read(url), envelope)
        if provider == "postmark":
            return postmark.send(http, settings.postmark_api_url, read(url), envelope)
        return self._ses.send(settings.ses_api_url, read(url), envelope, as_bytes(envelope))

    def _by_smtp(self, endpoint: Endpoint, envelope: Envelope) -> Receipt:
        message = as_bytes(envelope)
        if envelope.signature is not None:
            message = signed(message, envelope.signature)
        line = self._line(endpoint)
        try:
            if line.used:
                try:
                    return line.hand_over(envelope.sender, envelope.recipient, message)
                except TryLater:
                    # An idle line may have been closed by the server at any time; that says nothing
                    # about this message. A line that is still open has said its word.
                    if line.is_open:
                        raise
                    line = Line(endpoint, local_name())
            return line.hand_over(envelope.sender, envelope.recipient, message)
        finally:
            self._put_back(endpoint, line)

    def _line(self, endpoint: Endpoint) -> Line:
        """A line that is ours until it is put back."""
        with self._lock:
            idle = self._idle.get(endpoint)
            if idle:
                return idle.pop()
        return Line(endpoint, local_name())

    def _put_back(self, endpoint: Endpoint, line: Line) -> None:
        if line.is_open:
            with self._lock:
                self._idle.setdefault(endpoint, []).append(line)


@cache
def local_name() -> str:
    """What we call ourselves in EHLO; asking the resolver once is enough."""
    return socket.getfqdn() or "localhost"
