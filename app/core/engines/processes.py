"""What both servers have in common: found by pid file, attached to or launched, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from app.core import lifeline
from app.core.engines.house import EngineError
from app.core.lifeline import SELF, Identity

START_SECONDS = 60.0  # a crash recovery may take this long; an ordinary start takes below one
STOP_SECONDS = 20.0

# Kept so that the interpreter does not collect, and complain about, a server still running.
_children: dict[int, "subprocess.Popen[bytes]"] = {}


def environment() -> dict[str, str]:
    """Give the caller's environment without what would steer PostgreSQL from outside."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def launch(
    argv: list[str | Path],
    *,
    on_death: signal.Signals,
    log: Path,
    cwd: Path,
    identity: Identity = SELF,
) -> int:
    """Start a server, its words going to the log; give its number."""
    _collect()
    with log.open("ab") as output:
        child = lifeline.spawn(
            argv,
            on_death=on_death,
            output=output,
            identity=identity,
            cwd=cwd,
            env=environment(),
        )
    _children[child.pid] = child
    return child.pid


def _collect() -> None:
    """Let go of servers that ended by themselves."""
    for pid in [pid for pid, child in _children.items() if child.poll() is not None]:
        del _children[pid]
        lifeline.forget(pid)


def server_pid(file: Path, *names: str) -> int | None:
    """Read a pid file; None when its process is gone or its number belongs to another program."""
    try:
        pid = int(file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not lifeline.alive(pid):
        return None
    program = lifeline.program(pid)
    return pid if any(name in program for name in names) else None


def attach_or_launch(
    name: str,
    *,
    answers: Callable[[], bool],
    running: Callable[[], int | None],
    launch: Callable[[], int],
    log: Path,
) -> None:
    """Make sure that a server answers; one found running may be about to end, then start anew."""
    found = running()
    if found is not None and _answers(answers, found):
        return
    if not _answers(answers, launch()):
        tail = log.read_text(errors="replace").splitlines()[-15:]
        raise EngineError("\n".join([f"{name} did not start; its log ends:", *tail]))


def _answers(answers: Callable[[], bool], pid: int) -> bool:
    """Wait until a server answers; give up when it has ended, or after a long time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers():
            return True
        if not lifeline.alive(pid):
            return False
        time.sleep(0.02)
    return False


def end(pid: int | None, *signals: signal.Signals) -> None:
    """Ask a server to end, each signal more urgent than the one before, at last by force."""
    if pid is None:
        return
    for number in (*signals, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            break
        if _gone(pid):
            break
    if child := _children.pop(pid, None):
        # Not `poll`: of a program with threads, the first may be seen dead before the whole is.
        child.wait(STOP_SECONDS)
        lifeline.forget(pid)


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not lifeline.alive(pid):
            return True
        time.sleep(0.02)
    return False
