"""The embedded Valkey, or the host's own Valkey or Redis program where there is one."""

import signal
from pathlib import Path
from urllib.parse import quote

import redis

from app.core.engines.house import House, valkey_binary
from app.core.engines.processes import attach_or_launch, launch, server_pid


def start(house: House, *, durable: bool) -> None:
    """Make sure that the folder's Valkey answers."""
    house.valkey.mkdir(exist_ok=True)
    attach_or_launch(
        "Valkey",
        answers=lambda: _answers(house),
        running=lambda: pid(house.valkey),
        launch=lambda: _spawn(house, durable=durable),
        log=house.log("valkey"),
    )


def _spawn(house: House, *, durable: bool) -> int:
    options = {
        "port": "0",
        "unixsocket": str(house.redis_socket),
        "unixsocketperm": "700",
        "dir": str(house.valkey),
        "pidfile": str(house.valkey / "valkey.pid"),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    switches = [part for key, value in options.items() for part in (f"--{key}", value)]
    return launch(
        [valkey_binary(), *switches],
        on_death=signal.SIGTERM,
        log=house.log("valkey"),
        cwd=house.valkey,
    )


def _answers(house: House) -> bool:
    client = redis.Redis(unix_socket_path=str(house.redis_socket), socket_timeout=5)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False  # also while it loads its file
    finally:
        client.close()


def pid(folder: Path) -> int | None:
    """Give the running server's process, or None when the file is stale."""
    return server_pid(folder / "valkey.pid", "valkey", "redis")


def url(house: House) -> str:
    """The URL of its socket, as redis-py reads it."""
    return f"unix://{quote(str(house.redis_socket))}?db=0"
