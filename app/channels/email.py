"""E-mail over real SMTP: the host's server, or a shop's own."""

from __future__ import annotations

import socket
import threading
import time
from functools import cache

from app.channels.base import Envelope, Receipt
from app.channels.mime import as_bytes
from app.channels.smtp import Endpoint, Line
from app.core.errors import TryLater
from app.core.runtime import runtime

#: A server that could not be reached is left alone this long, so that a batch of a hundred does
#: not wait a hundred times for the same time-out.
REST_S = 15.0


class EmailChannel:
    """Keeps one line a server and thread open until `close`."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._resting: dict[Endpoint, tuple[float, str]] = {}

    def send(self, envelope: Envelope) -> Receipt:
        """Hand the message to the server; see `channels.base.Channel` for what may be raised."""
        endpoint = Endpoint.parse(envelope.endpoint or runtime().settings.smtp_url)
        message = as_bytes(envelope)
        line = self._line(endpoint)
        if line.used:
            try:
                return line.hand_over(envelope.sender, envelope.recipient, message)
            except TryLater:
                # An idle line may have been closed by the server at any time; that says nothing
                # about this message. A line that is still open has said its word.
                if line.is_open:
                    raise
                line = self._line(endpoint)
        return line.hand_over(envelope.sender, envelope.recipient, message)

    def close(self) -> None:
        """Say goodbye on this thread's lines."""
        for line in self._lines().values():
            if line.is_open:
                line.quit()
        self._lines().clear()

    def _line(self, endpoint: Endpoint) -> Line:
        lines = self._lines()
        line = lines.get(endpoint)
        if line is not None and line.is_open:
            return line
        until, reason = self._resting.get(endpoint, (0.0, ""))
        if time.monotonic() < until:
            raise TryLater(reason)
        try:
            lines[endpoint] = Line(endpoint, _local_name())
        except TryLater as error:
            self._resting[endpoint] = (time.monotonic() + REST_S, str(error))
            raise
        self._resting.pop(endpoint, None)
        return lines[endpoint]

    def _lines(self) -> dict[Endpoint, Line]:
        try:
            found: dict[Endpoint, Line] = self._mine.lines
        except AttributeError:
            found = self._mine.lines = {}
        return found


@cache
def _local_name() -> str:
    """What we call ourselves in EHLO; asking the resolver once is enough."""
    return socket.getfqdn() or "localhost"
