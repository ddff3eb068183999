"""The embedded PostgreSQL."""

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from app.core import lifeline
from app.core.engines.house import EngineError, House, hand_over
from app.core.engines.processes import attach_or_launch, environment, launch, server_pid

OWNER = "okaeri"
DATABASE = "okaeri"

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    # Compiling a plan costs more than it saves on the short queries of this application.
    "jit": "off",
}
HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(house: House, *, durable: bool, say: Callable[[str], None]) -> None:
    """Make sure that the folder's PostgreSQL answers, with its database in it."""
    if not house.cluster.exists():
        say("PostgreSQL: first start, making a database")
        _initdb(house)
    attach_or_launch(
        "PostgreSQL",
        answers=lambda: _answers(house),
        running=lambda: pid(house.cluster),
        launch=lambda: _spawn(house, durable=durable),
        log=house.log("postgres"),
    )
    _create_database(house)


def _initdb(house: House) -> None:
    # Into a folder with another name first: an interrupted initdb must not look like a cluster.
    fresh = house.place / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    hand_over(fresh, house.identity)
    options = ["--username", OWNER, "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
    # The builtin provider sorts alike on every platform and after every system upgrade.
    locale = ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    argv = lifeline.command(
        [house.binaries / "initdb", "-D", fresh, *options, *locale],
        on_death=signal.SIGKILL,
        identity=house.identity,
    )
    made = subprocess.run(
        argv, cwd=house.place, env=environment(), capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise EngineError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    fresh.rename(house.cluster)


def _spawn(house: House, *, durable: bool) -> int:
    # A stale file may carry a number that another program has by now; the server would refuse.
    (house.cluster / "postmaster.pid").unlink(missing_ok=True)
    hand_over(house.cluster, house.identity)
    settings = SETTINGS | ({} if durable else HURRIED)
    settings["unix_socket_directories"] = str(house.sockets)
    switches = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return launch(
        [house.binaries / "postgres", "-D", house.cluster, *switches],
        # SIGINT is PostgreSQL's fast shutdown: clients are sent away, the files are left clean.
        on_death=signal.SIGINT,
        log=house.log("postgres"),
        identity=house.identity,
        cwd=house.place,
    )


def _answers(house: House) -> bool:
    try:
        psycopg.connect(_conninfo(house, "postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(house: House) -> None:
    with psycopg.connect(_conninfo(house, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def pid(cluster: Path) -> int | None:
    """Give the running server's process, or None when the file is stale."""
    return server_pid(cluster / "postmaster.pid", "postgres")


def _conninfo(house: House, database: str) -> str:
    return f"host='{house.sockets}' port=5432 user={OWNER} dbname={database} connect_timeout=5"


def url(house: House) -> str:
    """The owner's URL, as SQLAlchemy reads it."""
    where = urlencode({"host": str(house.sockets), "port": "5432"}, quote_via=quote)
    return f"postgresql+psycopg://{OWNER}@/{DATABASE}?{where}"
