"""A way out that is closed is left alone for a while, so that a batch of a hundred does not wait a
hundred times for the same time-out and nobody hammers on a closed door."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from app.channels.base import Unavailable
from app.channels.rests import Rest, Rests, name_of

FIRST_REST_S, LONGEST_REST_S = 15.0, 300.0
#: What other processes found out is asked this often.
LEARN_S = 1.0


@dataclass
class _Rest:
    until: float
    seconds: float
    reason: str


class Breaker:
    """One per process, shared by its threads; with `shared`, what one process finds out spares the
    others. A key stands for an endpoint with its credentials: shops with a server or provider of
    their own never wait for each other."""

    def __init__(self, shared: Rests | None = None) -> None:
        self._resting: dict[str, _Rest] = {}
        self._lock = threading.Lock()
        self._shared = shared
        self._learnt: float | None = None

    def ask(self, key: str) -> None:
        """Raise `Unavailable` while the way is being left alone."""
        self._learn()
        with self._lock:
            rest = self._resting.get(self._name(key))
            left = rest.until - time.monotonic() if rest else 0.0
            if rest is not None and left > 0:
                raise Unavailable(rest.reason, left)

    def trip(self, key: str, reason: str, wish: float | None = None) -> None:
        """Leave the way alone: twice as long as the last time, at most five minutes, and never
        shorter than the other side asked for."""
        name = self._name(key)
        with self._lock:
            before = self._resting.get(name)
            seconds = min(before.seconds * 2, LONGEST_REST_S) if before else FIRST_REST_S
            rest = max(seconds, wish or 0.0)
            self._resting[name] = _Rest(time.monotonic() + rest, seconds, reason)
        if self._shared is not None:
            self._shared.keep(name, Rest(rest, seconds, reason))

    def mend(self, key: str) -> None:
        """The way is open."""
        name = self._name(key)
        with self._lock:
            was_resting = self._resting.pop(name, None) is not None
        if was_resting and self._shared is not None:
            self._shared.forget(name)

    def _learn(self) -> None:
        """Hear what the others found out."""
        if self._shared is None:
            return
        with self._lock:
            here = time.monotonic()
            if self._learnt is not None and here - self._learnt < LEARN_S:
                return
            self._learnt = here
        told = self._shared.all()
        if told is None:
            return
        with self._lock:
            self._resting = {
                name: _Rest(here + rest.left, rest.seconds, rest.reason)
                for name, rest in told.items()
            }

    def _name(self, key: str) -> str:
        return name_of(key) if self._shared is not None else key
