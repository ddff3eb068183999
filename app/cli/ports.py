"""Ports that a demo has chosen and nobody listens on yet: its servers start minutes later, and
another demo that starts meanwhile must not choose the same ones."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

#: So often the system may name a port that another demo of this machine holds.
TRIES = 50


class Ports:
    """The ports that this process holds until it ends. Each is the lock on a file that all demos of
    this user share; the kernel lets go of it, whatever becomes of us."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"okaeri-ports-{os.getuid()}"
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *_error: object) -> None:
        self._held.close()

    def hold(self, port: int) -> bool:
        """Whether the port is free, and ours from now on."""
        return self._hold(port) is not None

    def choose(self, wish: int) -> int | None:
        """The wished port, or one that the system picks when another program has it; None when
        there is none."""
        found = self._hold(wish)
        for _try in range(TRIES):
            if found is not None:
                break
            found = self._hold(0)
        return found

    def _hold(self, port: int) -> int | None:
        """Hold a port that nobody listens on; 0 lets the system pick one."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return None
            found: int = probe.getsockname()[1]
            # Bound all the while: whoever asks the system now is given another one.
            return found if self._lock(found) else None

    def _lock(self, port: int) -> bool:
        with ExitStack() as opened:
            file = opened.enter_context((self._folder / str(port)).open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._held.push(opened.pop_all())
        return True
