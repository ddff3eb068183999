"""The embedded servers: one pair a folder, nothing lost by a crash, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.core import engines, lifeline
from app.core.engines import house as houses
from app.core.lifeline import Identity

HOST = """
import sys, time
from pathlib import Path
from app.core import engines
print(engines.start(Path(sys.argv[1]), say=lambda line: None).owner_url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    engines.destroy(tmp_path / "data")


def start(folder: Path) -> engines.Engines:
    return engines.start(folder, durable=False, say=lambda _line: None)


def connect(owner_url: str) -> psycopg.Connection:
    return psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True)


def postmaster(folder: Path) -> int:
    return int((folder / "postgres18" / "postmaster.pid").read_text().split()[0])


def valkey(folder: Path) -> int:
    return int((folder / "valkey" / "valkey.pid").read_text())


def soon(truth: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not truth() and time.monotonic() < deadline:
        time.sleep(0.05)
    return truth()


def host(folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """A process that starts the engines and then only lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOST, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        return process, said.readline().strip()


def test_both_servers_answer(folder: Path) -> None:
    started = start(folder)
    with connect(started.owner_url) as connection:
        asked = connection.execute(
            "SELECT current_user, current_database(), current_setting('fsync')"
        )
        assert asked.fetchone() == ("okaeri", "okaeri", "off")
    with redis.Redis.from_url(started.redis_url) as client:
        assert client.ping()


def test_a_second_start_attaches(folder: Path) -> None:
    first = start(folder)
    server = postmaster(folder)
    assert start(folder) == first
    assert postmaster(folder) == server


def test_two_starts_at_once_make_one_pair(folder: Path) -> None:
    hosts = [host(folder) for _ in range(2)]
    assert hosts[0][1] == hosts[1][1] != ""
    for process, _url in hosts:
        process.kill()
        process.wait()


def test_a_killed_server_keeps_what_was_committed(folder: Path) -> None:
    started = engines.start(folder, say=lambda _line: None)
    with connect(started.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    for pid in (postmaster(folder), valkey(folder)):
        os.kill(pid, signal.SIGKILL)
    engines.start(folder, say=lambda _line: None)
    with connect(started.owner_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_killed_parent_leaves_no_server_behind(folder: Path) -> None:
    process, _url = host(folder)
    servers = postmaster(folder), valkey(folder)
    assert all(map(lifeline.alive, servers))
    process.kill()
    process.wait()
    assert soon(lambda: not any(map(lifeline.alive, servers)))


def test_a_stale_pid_file_of_another_program_does_no_harm(folder: Path) -> None:
    started = start(folder)
    engines.stop(folder)
    (folder / "postgres18" / "postmaster.pid").write_text(f"{os.getppid()}\n")
    (folder / "valkey" / "valkey.pid").write_text(f"{os.getppid()}\n")
    assert start(folder) == started


def test_a_long_path_gets_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    try:
        with connect(start(deep).owner_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        engines.destroy(deep)
    assert not deep.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another identity")
@pytest.mark.parametrize("kind", ["namespace", "setuid"])
def test_root_finds_a_way(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    can = houses._can_become

    def only(identity: Identity, binaries: Path) -> bool:
        return identity.kind == kind and can(identity, binaries)

    monkeypatch.setattr(houses, "_can_become", only)
    try:
        started = start(folder)
    except engines.EngineError:
        pytest.skip(f"this system forbids {kind}")
    with connect(started.owner_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_without_a_way_the_message_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(houses, "_can_become", lambda _identity, _binaries: False)
    folder.mkdir()
    with pytest.raises(engines.EngineError, match="DATABASE_URL"):
        houses.settle(folder)
