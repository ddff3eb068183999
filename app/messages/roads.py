"""The ways out of the house, side by side: one that hangs holds up nobody but itself.

A road is one server, or one account with a provider. What is on it is on a thread of its own, from
the hand-over to its outcome; meanwhile the worker goes on with the messages of other roads. A road
takes one message at a time, so that a worker that dies leaves one question behind; where the
provider tells a repeated key from a new one there is no question, and it takes several.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

#: How many messages are on the roads at once, and how many on one that knows our keys.
MOST, ABREAST = 8, 4
#: A road that has been full for so long hangs: nobody waits for it.
HANGS_S = 3.0


@dataclass(frozen=True)
class Road:
    """`name` says which it is, `width` how many messages may be on it at once."""

    name: str
    width: int = 1


class Roads:
    """One per process. Threads outlive the batch that started them: a batch ends on time, whatever
    a server does."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST, thread_name_prefix="road")
        self._changed = threading.Condition()
        #: When each message set out, by its road.
        self._on: dict[str, list[float]] = {}

    def has_room(self, road: Road) -> bool:
        """Whether one more message may set out."""
        with self._changed:
            return self._room(road)

    def hangs(self, road: Road) -> bool:
        """Whether it is not worth waiting for."""
        with self._changed:
            since = min(self._on.get(road.name, [time.monotonic()]))
            return not self._room(road) and time.monotonic() - since > HANGS_S

    def take(self, road: Road, errand: Callable[[], None]) -> None:
        """Have `errand` done on the road. It must not raise: nobody would hear it. Only one thread
        of a process takes roads, so that room it was told of is still there."""
        started = time.monotonic()
        with self._changed:
            self._on.setdefault(road.name, []).append(started)
        self._pool.submit(self._go, road, started, errand)

    def wait(self, roads: Sequence[Road], until: float) -> bool:
        """Wait for room on any of them, at most until a moment of `time.monotonic`; whether there
        is."""
        with self._changed:
            return self._changed.wait_for(
                lambda: any(map(self._room, roads)), max(0.0, until - time.monotonic())
            )

    def settle(self) -> bool:
        """Wait until every road is empty; False when what is left there hangs."""
        with self._changed:
            last = max((since for each in self._on.values() for since in each), default=0.0)
            patience = max(0.0, last + HANGS_S - time.monotonic())
            return self._changed.wait_for(lambda: not self._on, patience)

    def _room(self, road: Road) -> bool:
        busy = sum(len(each) for each in self._on.values())
        return len(self._on.get(road.name, ())) < road.width and busy < MOST

    def _go(self, road: Road, started: float, errand: Callable[[], None]) -> None:
        try:
            errand()
        finally:
            with self._changed:
                self._on[road.name].remove(started)
                if not self._on[road.name]:
                    del self._on[road.name]
                self._changed.notify_all()
