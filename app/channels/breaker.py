"""A way out that is closed is left alone for a while, so that a batch of a hundred does not wait a
hundred times for the same time-out and nobody hammers on a closed door."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from app.channels.base import Unavailable

FIRST_REST_S, LONGEST_REST_S = 15.0, 300.0


@dataclass
class _Rest:
    until: float
    seconds: float
    reason: str


class Breaker:
    """One per process, shared by its threads. A key is an endpoint with its credentials: shops with
    a server or provider of their own never wait for each other."""

    def __init__(self) -> None:
        self._resting: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def ask(self, key: str) -> None:
        """Raise `Unavailable` while the way is being left alone."""
        with self._lock:
            rest = self._resting.get(key)
            left = rest.until - time.monotonic() if rest else 0.0
            if rest is not None and left > 0:
                raise Unavailable(rest.reason, left)

    def trip(self, key: str, reason: str, wish: float | None = None) -> None:
        """Leave the way alone: twice as long as the last time, at most five minutes, and never
        shorter than the other side asked for."""
        with self._lock:
            before = self._resting.get(key)
            seconds = min(before.seconds * 2, LONGEST_REST_S) if before else FIRST_REST_S
            rest = max(seconds, wish or 0.0)
            self._resting[key] = _Rest(time.monotonic() + rest, seconds, reason)

    def mend(self, key: str) -> None:
        """The way is open."""
        with self._lock:
            self._resting.pop(key, None)
