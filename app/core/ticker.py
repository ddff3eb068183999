"""The clock process: rings what is due. Several may run; one at a time holds the lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.core.claim import asking
from app.core.queue import ring_now
from app.core.runtime import runtime

log = structlog.get_logger(__name__)

#: The advisory lock that elects the clock.
LOCK = 7301
STEP_S = 0.25


class Tick(Protocol):
    """A row of the wiring's SCHEDULE."""

    bell: str
    seconds: float
    due: Callable[[], bool] | None
    args: tuple[str, ...]


def due_of(ticks: Sequence[Tick]) -> list[Tick]:
    """Those that need not ask, and those that ask and are told yes: all in one transaction."""
    if all(tick.due is None for tick in ticks):
        return list(ticks)
    with asking():
        return [tick for tick in ticks if tick.due is None or tick.due()]


class Ticker:
    """Rings each tick at its pace. A rung bell is cheap and may be rung in vain."""

    def __init__(self, schedule: Sequence[Tick]) -> None:
        self.schedule = schedule
        self.rung: dict[int, float] = {}
        self.shift: timedelta | None = None

    def notice(self, shift: timedelta) -> None:
        """When business time has jumped, whatever asks what is due asks again at once."""
        if shift != self.shift:
            self.rung = {n: at for n, at in self.rung.items() if self.schedule[n].due is None}
        self.shift = shift

    def step(self, moment: float) -> None:
        """Ring what has come round at `moment` (monotonic seconds)."""
        come_round = [
            number
            for number, tick in enumerate(self.schedule)
            if moment - self.rung.get(number, float("-inf")) >= tick.seconds
        ]
        self.rung.update(dict.fromkeys(come_round, moment))
        for tick in due_of([self.schedule[number] for number in come_round]):
            ring_now(tick.bell, *tick.args)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Tick until `stopped`; waits its turn while another clock holds the lock."""
        while not stopped():
            try:
                with runtime().engine.connect() as connection:
                    self._lead(connection, stopped)
            except OperationalError as error:
                # The database is away; the next round tries again, nothing is lost meanwhile.
                log.warning("clock_without_database", error=type(error).__name__)
                time.sleep(1)

    def _lead(self, connection: Connection, stopped: Callable[[], bool]) -> None:
        elected = False
        while not stopped():
            if not elected:
                elected = bool(
                    connection.execute(
                        text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}
                    ).scalar_one()
                )
            else:
                # A dead connection would mean a lost lock: this notices before anything is rung.
                self.notice(connection.execute(text("SELECT shift FROM clock")).scalar_one())
                self.step(time.monotonic())
            connection.rollback()
            time.sleep(STEP_S if elected else 2.0)
