"""The running sandbox: what is built once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import httpx
from flask import current_app
from sqlalchemy import Engine

from app.core.clock import business_now
from app.sandbox.settings import SandboxSettings
from app.sandbox.store import Store, Work


@dataclass
class Sandbox:
    """Settings, the two databases, the pooled client, and the bell of the posting threads."""

    settings: SandboxSettings
    store: Store
    owner: Engine
    http: httpx.Client
    wake: Event = field(default_factory=Event)
    stopping: Event = field(default_factory=Event)

    def now(self) -> datetime:
        """Business time: the app's database decides it, for the sandbox too."""
        return business_now(self.owner)

    @contextmanager
    def work(self, domain: str | None = None) -> Iterator[Work]:
        """One transaction; naming a shop makes its writers take turns. What was announced in it
        is posted once it is committed."""
        with self.store.work(domain, self.now) as work:
            yield work
        if work.announced:
            self.wake.set()

    def close(self) -> None:
        """Let go of databases and sockets."""
        self.stopping.set()
        self.wake.set()
        self.http.close()
        self.store.engine.dispose()
        self.owner.dispose()


def here() -> Sandbox:
    """The sandbox of the running request."""
    found: Sandbox = current_app.extensions["sandbox"]
    return found
