"""Start a process that cannot outlive the one that started it, if wanted under another identity.

Run as a script this file is a launcher: it ties itself to its parent, changes identity, and then
becomes the wanted program (`exec`). A launcher rather than `preexec_fn`, because code between
fork and exec is unsafe, and warned about, as soon as the parent has threads. For the same reason
it imports the standard library only.

Two things tie children to the life of this process. A *guard*, one small process beside it, holds
the read end of a pipe; the pipe closes however this process ends, and the guard then ends every
child that was reported to it, and what the child had forked. And on Linux the kernel itself sends
each child a signal (`PR_SET_PDEATHSIG`), should the guard be killed too. Two properties of that
call shape this module: a change of identity clears it, so it is set last; and "parent" means the
*thread* that started the child, so long-lived children are started from a main thread.
"""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
GUARD_SECONDS = 10.0


@dataclass(frozen=True)
class Identity:
    """Who the child shall be: `self`, `namespace` (root outside, `uid` inside) or `setuid`."""

    kind: str = "self"
    uid: int = -1
    gid: int = -1

    def spell(self) -> str:
        """Give the form in which the launcher reads it from its arguments."""
        return f"{self.kind}:{self.uid}:{self.gid}"

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Read what `spell` wrote."""
        kind, uid, gid = text.split(":")
        return cls(kind, int(uid), int(gid))


SELF = Identity()


def command(
    argv: Sequence[str | Path], *, on_death: signal.Signals, identity: Identity = SELF
) -> list[str]:
    """Give the command that runs `argv` through the launcher."""
    head = [sys.executable, "-I", "-S", __file__]
    return [*head, str(os.getpid()), str(int(on_death)), identity.spell(), *map(str, argv)]


def spawn(
    argv: Sequence[str | Path],
    *,
    on_death: signal.Signals,
    output: IO[bytes] | int,
    identity: Identity = SELF,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `argv` in a session of its own; it gets `on_death` when this process is gone."""
    child = subprocess.Popen(
        command(argv, on_death=on_death, identity=identity),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        start_new_session=True,
    )
    _report(f"{child.pid} {int(on_death)}")
    return child


def forget(pid: int) -> None:
    """Tell the guard that a child has ended: its number may soon be somebody else's."""
    if _guards:
        _report(f"{pid} 0")


_guards: list["subprocess.Popen[bytes]"] = []


def _report(line: str) -> None:
    if not _guards:
        argv = [sys.executable, "-I", "-S", __file__, "--guard"]
        nowhere = subprocess.DEVNULL
        _guards.append(
            subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=nowhere,
                stderr=nowhere,
                bufsize=0,
                start_new_session=True,
            )
        )
    pipe = _guards[0].stdin
    if pipe is not None:
        pipe.write(f"{line}\n".encode())


@atexit.register
def _dismiss() -> None:
    """At our own end, end the guard's watch; whoever is left it ends now instead of in a moment."""
    while _guards:
        guard = _guards.pop()
        if guard.stdin is not None:
            guard.stdin.close()
        guard.wait()


def alive(pid: int) -> bool:
    """Tell whether the process exists, after collecting it if it is a dead child of ours."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Tell whether a process is dead but uncollected, as orphans stay where no init collects."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in "ZX"


def program(pid: int) -> str:
    """Give a process' command line; empty once it is gone.

    A number alone proves little: they are soon used again where containers restart.
    """
    if Path("/proc/self/cmdline").exists():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return line.replace(b"\0", b" ").decode(errors="replace")
    asked = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def everyone() -> list[int]:
    """List the numbers of all processes; small systems have /proc and no `ps`."""
    if Path("/proc/self").exists():
        return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    asked = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=False)
    return [int(number) for number in asked.stdout.split()]


def leads(pid: int) -> bool:
    """Tell whether a process leads a session, as all children of `spawn` do."""
    return _session_of(pid) == pid


def kill_session(leader: int) -> None:
    """Kill what is left of a child's session; its number stays taken until all of it is gone."""
    for pid in everyone():
        if _session_of(pid) == leader:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return -1


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _die_with(parent: int, number: int) -> None:
    if sys.platform.startswith("linux"):
        _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent was gone before the child began")


def _enter_namespace(identity: Identity) -> None:
    """Become `uid` inside a new user namespace; outside, files stay the caller's own."""
    outside = os.geteuid(), os.getegid()
    if _libc().unshare(CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{identity.uid} {outside[0]} 1")
    Path("/proc/self/gid_map").write_text(f"{identity.gid} {outside[1]} 1")


def _become(identity: Identity) -> None:
    if identity.kind == "namespace":
        _enter_namespace(identity)
    elif identity.kind == "setuid":
        os.setgroups([])
        os.setgid(identity.gid)
        os.setuid(identity.uid)


def _guard() -> None:
    """Wait until the pipe on standard input closes, then end who was reported on it."""
    wards: dict[int, int] = {}
    for line in sys.stdin:
        pid, number = map(int, line.split())
        wards[pid] = number
    wards = {pid: number for pid, number in wards.items() if number and leads(pid)}
    for pid, number in wards.items():
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline and any(map(alive, wards)):
        time.sleep(0.1)
    for pid in wards:
        kill_session(pid)


def main(argv: list[str]) -> None:
    """Be the guard, or become the wanted program."""
    if argv[0] == "--guard":
        _guard()
        return
    parent, number, identity, *wanted = argv
    _become(Identity.parse(identity))
    _die_with(int(parent), int(number))
    os.execvp(wanted[0], wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
