"""A host's real worker process beside a test, to be killed and to come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.settings import Settings
from tests.processes import ROOT, wait


@dataclass
class Workers:
    """`okaeri worker QUEUES` and how often its children were killed."""

    process: subprocess.Popen[bytes]
    kills: int = 0

    def children(self) -> list[int]:
        """The numbers of the processes that answer bells now."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in found.read_text().split()]

    def kill(self) -> None:
        """Whoever answers bells now is gone from one instruction to the next."""
        for number in self.children():
            os.kill(number, signal.SIGKILL)
            self.kills += 1


@contextmanager
def working(settings: Settings, queues: str, log: Path, **env: str) -> Iterator[Workers]:
    """Workers of one queue, or of several, against the test's engines while the block lasts; what
    they say is in `log`."""
    told = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "APP_URL": settings.app_url,
        "SECRET_KEYS": ",".join(settings.secret_keys),
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "SHOPIFY_CLIENT_ID": settings.shopify_client_id,
        "SHOPIFY_CLIENT_SECRET": settings.shopify_client_secret,
        "SHOPIFY_API_URL": settings.shopify_api_url,
        "MAIL_FROM": settings.mail_from,
        "LOG_LEVEL": "WARNING",
        **env,
    }
    with log.open("wb") as file:
        started = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker", *queues.split()],
            cwd=ROOT,
            env=told,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    made = Workers(started)
    try:
        wait(lambda: made.children() or None, "the worker to come up")
        yield made
    finally:
        started.terminate()
        started.wait(timeout=60)
