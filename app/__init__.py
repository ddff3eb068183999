"""Okaeri: everything after "Pay now"."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import drawn, log, page
from app.core.db import make_engine
from app.core.queue import Queue, RedisQueue
from app.core.runtime import Runtime
from app.core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(
    settings: Settings,
    *,
    channels: Mapping[str, Any] | None = None,
    queue: Queue | None = None,
    http: httpx.Client | None = None,
) -> Flask:
    """Put the app together once per process. The keyword arguments take doubles in tests."""
    # Here, so that importing one room, or `core` alone, does not import every room.
    from app import wiring
    from app.doors import open_doors

    log.configure(settings.log_level)
    app = Flask("okaeri", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.extensions["okaeri"] = Runtime(
        settings=settings,
        engine=drawn.watch(make_engine(settings.database_url)),
        queue=queue or RedisQueue(Redis.from_url(settings.redis_url)),
        http=http or httpx.Client(timeout=10.0),
        channels=channels or wiring.channels(settings),
        tables=wiring.tables(),
    )
    page.set_up(app)
    open_doors(app, wiring.DOORS)
    proxies = settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]
    return app
