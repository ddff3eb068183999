"""Run a handful of processes as one: the demo's web, worker, clock and sandbox.

Each child leads a session of its own, so that Ctrl-C reaches the supervisor alone and the children
end in order; its output goes to `<data>/log/<name>.log`. A child that dies is started again, each
time after a longer pause; one that dies quickly several times in a row ends the whole, with the
end of its log on the screen.

No child outlives the supervisor, however that ends:

* `lifeline` sends them SIGTERM when the supervisor is gone, even by `kill -9`; after a while its
  guard kills what is left of their sessions.
* Grandchildren (a server's workers, a job forked by a worker) are the children's own to end on
  SIGTERM, and they do. What a killed child left in its session, the supervisor ends before it
  starts the child again, and when it stops.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from app.core import lifeline

QUICK_SECONDS = 10.0  # a child that lives shorter than this died quickly
QUICK_DEATHS = 5  # … and so many of them in a row are a reason to give up
STOP_SECONDS = 10.0
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
TICK = 0.1
TAIL_LINES = 25


@dataclass(frozen=True)
class Process:
    """One child: a name for people and its log, the command, and what its environment adds."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


class GaveUp(RuntimeError):
    """A child died again and again, or the whole did not become ready; the message says why."""


@dataclass
class _Child:
    process: Process
    log: Path
    running: "subprocess.Popen[bytes]"
    since: float
    quick_deaths: int = 0
    again_at: float | None = None  # set while the child waits to be started again


class _Stop:
    """Whether someone asked for the end: set by the signals people and systems send for it."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def run(
    processes: Sequence[Process],
    *,
    data_dir: Path,
    ready: Callable[[], bool] | None = None,
    on_ready: Callable[[], None] | None = None,
    ready_seconds: float = 60.0,
    say: Callable[[str], None] = print,
) -> None:
    """Run the processes until SIGINT, SIGTERM or SIGHUP; raise `GaveUp` when one cannot live.

    `ready` is asked until it is true, then `on_ready` is called once (to print the address, say).
    Call it from the main thread; when it returns or raises, every child has ended.
    """
    logs = data_dir / "log"
    logs.mkdir(parents=True, exist_ok=True)
    children: list[_Child] = []
    with _signals() as stop:
        try:
            children.extend(_begin(process, logs) for process in processes)
            _wait_ready(children, stop, ready, ready_seconds, say)
            if on_ready and not stop.asked:
                on_ready()
            _watch(children, stop, say)
        finally:
            say("Stopping …")
            _end(children)


@contextmanager
def _signals() -> Iterator[_Stop]:
    stop = _Stop()
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop.ask) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- living -------------------------------------------------------------------------------------


def _begin(process: Process, logs: Path) -> _Child:
    log = logs / f"{process.name}.log"
    return _Child(process, log, _start(process, log), time.monotonic())


def _start(process: Process, log: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **process.env}
    with log.open("ab") as output:
        return lifeline.spawn(process.argv, on_death=signal.SIGTERM, output=output, env=environment)


def _wait_ready(
    children: list[_Child],
    stop: _Stop,
    ready: Callable[[], bool] | None,
    seconds: float,
    say: Callable[[str], None],
) -> None:
    deadline = time.monotonic() + seconds
    while ready and not stop.asked and not ready():
        if time.monotonic() > deadline:
            raise GaveUp(_unready(children, seconds))
        _tend(children, say)
        time.sleep(TICK)


def _unready(children: list[_Child], seconds: float) -> str:
    """What to say of a whole that never came up: the ends of the logs of those that fell."""
    fallen = [child for child in children if child.quick_deaths or child.again_at is not None]
    ends = [f"{child.process.name}'s log ends:\n{tail(child.log)}" for child in fallen]
    where = f"Not ready after {seconds:.0f} s; look into {children[0].log.parent}"
    return "\n".join([where, *ends])


def _watch(children: list[_Child], stop: _Stop, say: Callable[[str], None]) -> None:
    while not stop.asked:
        _tend(children, say)
        time.sleep(TICK)


def _tend(children: list[_Child], say: Callable[[str], None]) -> None:
    """Notice who died, and start again whose pause is over."""
    for child in children:
        if child.again_at is None and child.running.poll() is not None:
            _mourn(child, say)
        elif child.again_at is not None and time.monotonic() >= child.again_at:
            child.running = _start(child.process, child.log)
            child.since, child.again_at = time.monotonic(), None


def _mourn(child: _Child, say: Callable[[str], None]) -> None:
    _bury(child)
    quick = time.monotonic() - child.since < QUICK_SECONDS
    child.quick_deaths = child.quick_deaths + 1 if quick else 0
    name, code = child.process.name, child.running.returncode
    if child.quick_deaths >= QUICK_DEATHS:
        raise GaveUp(f"{name} died {QUICK_DEATHS} times in a row; its log ends:\n{tail(child.log)}")
    pause = PAUSES[min(child.quick_deaths, len(PAUSES) - 1)]
    child.again_at = time.monotonic() + pause
    say(f"{name} ended ({_why(code)}); starting it again in {pause:g} s. Log: {child.log}")


def _why(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """Give the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


# --- ending -------------------------------------------------------------------------------------


def _end(children: list[_Child]) -> None:
    """Ask every child to end, last started first; after a while end by force what is left."""
    for child in reversed(children):
        if child.running.poll() is None:
            child.running.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(c.running.poll() is None for c in children):
        time.sleep(TICK / 2)
    for child in children:
        _bury(child)


def _bury(child: _Child) -> None:
    """Kill what a dead or deaf child leaves in its session, and collect it."""
    lifeline.kill_session(child.running.pid)
    child.running.wait()
    lifeline.forget(child.running.pid)
