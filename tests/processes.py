"""The product's processes, started as their user starts them: for the story and the bench."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
START_S = 120.0
Found = TypeVar("Found")


def wait(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE_S) -> Found:
    """Look until there is something to see; fails with `what` was missing."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


@contextmanager
def demo(data: Path) -> Iterator[tuple[str, str]]:
    """`okaeri demo` on data of its own, as its user would start it, on ports that are free; gives
    the addresses of the app and of the sandbox. What it says is beside the data, in demo.log."""
    data.mkdir(parents=True)
    log = data.parent / "demo.log"
    with log.open("wb") as file:
        running = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "demo", "--data", str(data)],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        wait(lambda: _ready(running, log), "the demo to be ready", START_S)
        known = json.loads((data / "demo.json").read_text())
        yield f"http://localhost:{known['app_port']}", f"http://localhost:{known['sandbox_port']}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=60)


def _ready(running: subprocess.Popen[bytes], log: Path) -> bool | None:
    said = log.read_text()
    if running.poll() is not None:
        raise AssertionError(f"the demo ended:\n{said}")
    return True if "Okaeri is ready" in said else None
