"""The sandbox's pages; the world behind them is that of the sandbox's own tests."""

from __future__ import annotations

from tests.sandbox.conftest import http, installed, listener, sandbox, server, world

__all__ = ["http", "installed", "listener", "sandbox", "server", "world"]
