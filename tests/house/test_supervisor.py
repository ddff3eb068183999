"""The supervisor: it restarts who dies, gives up on who cannot live, leaves nobody behind."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.core import lifeline, supervisor
from app.core.supervisor import GaveUp, Process

# A child with a child of its own that does not care about SIGTERM. Both speak at once: a number and
# its line's end are one write.
FAMILY = """
import os, signal, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, f"{os.getpid()}\\n".encode())
time.sleep(600)
"""
HOST = """
import sys
from pathlib import Path
from app.core.supervisor import Process, run
run([Process("family", [sys.executable, "-c", sys.argv[2]])], data_dir=Path(sys.argv[1]))
"""


#: How long a busy machine may take before a test calls it a failure.
PATIENCE_S = 60


def family(folder: Path) -> list[int]:
    """The numbers of parent and child, once both have said them."""
    log = folder / "log" / "family.log"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if log.exists() and len(said := log.read_text().split()) == 2:
            return [int(number) for number in said]
        time.sleep(0.05)
    raise AssertionError("the family never came up")


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while any(map(lifeline.alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(lifeline.alive, pids))


def host(folder: Path) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", HOST, str(folder), FAMILY]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_nobody_is_left(tmp_path: Path, how: signal.Signals) -> None:
    process = host(tmp_path)
    try:
        pids = family(tmp_path)
        process.send_signal(how)
        assert process.wait(PATIENCE_S) == (-how if how == signal.SIGKILL else 0)
    finally:
        process.kill()
        process.wait()
    assert gone(pids)


def test_who_cannot_live_ends_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (0.0,))
    said: list[str] = []
    sick = Process("sick", ["sh", "-c", "echo no luck; exit 3"])
    with pytest.raises(GaveUp, match="no luck"):
        supervisor.run([sick], data_dir=tmp_path, say=said.append)
    assert said[0].startswith("sick ended (exit code 3)")


def test_what_never_comes_up_says_whose_log_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def patience_ends_with_the_first_death() -> bool:
        if said:
            late = SimpleNamespace(monotonic=lambda: math.inf, sleep=time.sleep)
            monkeypatch.setattr(supervisor, "time", late)
        return False

    processes = [
        Process("well", ["sleep", "600"]),
        Process("sick", ["sh", "-c", "echo no luck; exit 3"]),
    ]
    with pytest.raises(GaveUp) as given_up:
        supervisor.run(
            processes, data_dir=tmp_path, ready=patience_ends_with_the_first_death, say=said.append
        )
    assert "Not ready" in str(given_up.value)
    assert "sick's log ends:\nno luck" in str(given_up.value)
    assert "well's log" not in str(given_up.value)


def test_who_dies_once_is_started_again(tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    script = f"[ -e {once} ] && touch {twice} && sleep 600; touch {once}; exit 1"
    said: list[str] = []

    def end_when_started_again() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not twice.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=end_when_started_again)
    watcher.start()
    supervisor.run([Process("frail", ["sh", "-c", script])], data_dir=tmp_path, say=said.append)
    watcher.join()
    assert twice.exists()
    assert [line.split(";")[0] for line in said] == ["frail ended (exit code 1)", "Stopping …"]
