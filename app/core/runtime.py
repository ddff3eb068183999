"""The running app: what `create_app` put together, for those who cannot be handed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    import httpx
    from sqlalchemy import Engine

    from app.core.queue import Queue
    from app.core.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """Everything that is built once per process. `tables` holds the wiring's tables, keyed by
    their names there (`REACTIONS`, `TOPICS`, …), for the low rooms that carry out what the top
    one decides."""

    settings: Settings
    engine: Engine
    queue: Queue
    http: httpx.Client
    channels: Mapping[str, Any]
    tables: Mapping[str, Any] = field(default_factory=dict)

    def table(self, name: str) -> Any:
        """One of the wiring's tables; a missing name is a mistake of ours and raises KeyError."""
        return self.tables[name]

    def close(self) -> None:
        """Let go of connections: for commands, which end before their process would."""
        self.engine.dispose()
        self.http.close()


Listener = Callable[..., None]


def runtime() -> Runtime:
    """The runtime of the app whose context is pushed (a request, a job or a command)."""
    found: Runtime = current_app.extensions["okaeri"]
    return found
