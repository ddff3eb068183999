"""Bells: after a commit, tell a worker to look now. Redis carries no truth; a lost bell costs a
tick of the clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as JobQueue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app.core.runtime import runtime

log = structlog.get_logger(__name__)

#: Rings of a bell that waits already count as one. After this long a bell that nobody answered (its
#: worker died) is rung anew.
WAITING_S = 5
JOB_TIMEOUT_S = 120
#: What a batch's units of work ring for within so long is rung for once.
GATHERED_S = 0.1


class Queue(Protocol):
    """What carries a bell to a worker."""

    def wake(self, queue: str, function: str, args: tuple[str, ...]) -> None:
        """Have `function` (a dotted path) called soon by a worker of `queue`."""

    def waiting(self, queue: str) -> bool:
        """Whether a bell waits for a worker of `queue`."""


class RedisQueue:
    """Bells over RQ."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    def wake(self, queue: str, function: str, args: tuple[str, ...]) -> None:
        """Enqueue unless the same bell waits already; when Redis is away the clock's tick does it
        later."""
        try:
            if not self.redis.set(waiting_key(function, args), "1", nx=True, ex=WAITING_S):
                return
            JobQueue(queue, connection=self.redis, serializer=JSONSerializer).enqueue_call(
                func=function, args=args, timeout=JOB_TIMEOUT_S, result_ttl=0, failure_ttl=86400
            )
        except RedisError as error:
            log.warning("bell_not_rung", function=function, error=str(error))

    def waiting(self, queue: str) -> bool:
        """Whether a bell waits; when Redis is away nobody can be called."""
        try:
            return bool(JobQueue(queue, connection=self.redis, serializer=JSONSerializer).count)
        except RedisError:
            return False


def waiting_key(function: str, args: Sequence[str]) -> str:
    """What stands in Redis while a bell waits; the worker takes it away before it answers."""
    return ":".join(("okaeri", "bell", function, *args))


def ring(session: Session, bell: str, *args: str) -> None:
    """Ring `bell` (`"<room>.<job>"`, a name of the wiring's BELLS) once the session commits."""
    bells: dict[tuple[str, ...], None] = session.info.setdefault("bells", {})
    bells[(bell, *args)] = None


class Gathered:
    """The rings of a batch's units of work. The first is rung at once; what follows closely is rung
    together, never before what it tells of is committed."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, ...], None] = {}
        self._rung: float | None = None

    def take(self, bells: Iterable[tuple[str, ...]]) -> None:
        """Ring for them soon; at once when nothing was rung lately."""
        self._waiting.update(dict.fromkeys(bells))
        if self._rung is None or time.monotonic() - self._rung >= GATHERED_S:
            self.ring()

    def ring(self) -> None:
        """Ring for what waits."""
        bells, self._waiting = self._waiting, {}
        self._rung = time.monotonic()
        for bell, *args in bells:
            ring_now(bell, *args)


@contextmanager
def gathered() -> Iterator[Gathered]:
    """For a batch; when it ends, whatever waits is rung."""
    bells = Gathered()
    try:
        yield bells
    finally:
        bells.ring()


def ring_out(session: Session) -> None:
    """Ring what the committed session asked for; called by the unit of work alone."""
    bells = session.info.pop("bells", {})
    batch: Gathered | None = session.info.get("gathered")
    if batch is not None and bells:
        batch.take(bells)
        return
    for bell, *args in bells:
        ring_now(bell, *args)


def ring_now(bell: str, *args: str) -> None:
    """Ring a bell outside a unit of work (the clock, commands, a batch that wants more)."""
    room, job = bell.split(".")
    running = runtime()
    running.queue.wake(running.table("BELLS")[bell], f"app.{room}.jobs.{job}", args)
