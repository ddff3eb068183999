"""Putting the sandbox together, and running it."""

from __future__ import annotations

import threading
import time

import httpx
import structlog
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from werkzeug.serving import WSGIRequestHandler, make_server

from app.core.compression import compress
from app.sandbox import mail, web, webhooks
from app.sandbox.api import api
from app.sandbox.line import events as line_events
from app.sandbox.line.api import line_api
from app.sandbox.running import Sandbox
from app.sandbox.schema_build import VERSIONS, load_schema
from app.sandbox.seed import seed
from app.sandbox.settings import ROOT, SandboxSettings
from app.sandbox.store import Store
from app.sandbox.timemachine import let_happen

log = structlog.get_logger(__name__)

POSTERS = 4
WORLD_S = 1.0


def build(settings: SandboxSettings) -> Sandbox:
    """The sandbox without its pages: databases, client, and the two shops."""
    settings.app  # noqa: B018  # a broken configuration file is said at the start
    sandbox = Sandbox(
        settings=settings,
        store=Store(settings.database_url),
        owner=create_engine(settings.owner_url, pool_pre_ping=True, pool_size=6),
        http=httpx.Client(follow_redirects=False),
    )
    seed(sandbox)
    return sandbox


def create_sandbox(settings: SandboxSettings) -> Flask:
    """The Flask app: protocols and pages. Nothing runs in the background yet: see `start`."""
    app = Flask(
        "okaeri-sandbox", root_path=str(ROOT), static_folder="static", template_folder="templates"
    )
    app.extensions["sandbox"] = build(settings)
    app.register_blueprint(api)
    app.register_blueprint(line_api)
    for blueprint in web.blueprints():
        app.register_blueprint(blueprint)
    # As Shopify's network does: a page in a theme is as heavy as it would be there.
    app.after_request(compress)
    return app


def start(sandbox: Sandbox) -> list[threading.Thread]:
    """Post webhooks and let the world act, in threads, until the sandbox is closed."""
    threads = [
        threading.Thread(target=webhooks.run, args=(sandbox,), name=f"post-{number}", daemon=True)
        for number in range(POSTERS)
    ]
    threads += [
        threading.Thread(target=work, args=(sandbox,), name=name, daemon=True)
        for name, work in (("line", line_events.run), ("world", _world))
    ]
    for thread in threads:
        thread.start()
    return threads


def _world(sandbox: Sandbox) -> None:
    """Do what falls due while time passes by itself."""
    while not sandbox.stopping.wait(WORLD_S):
        try:
            let_happen(sandbox)
        except DBAPIError as error:
            # A database that is away comes back; the agenda is still there then.
            log.warning("world_without_database", error=type(error).__name__)


class Quiet(WSGIRequestHandler):
    """Writes no line a request: addresses in them may name shoppers, and nobody reads them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def run_sandbox(settings: SandboxSettings) -> None:
    """Serve until the process is told to end."""
    app = create_sandbox(settings)
    # Built at the first question otherwise, and the first question is a merchant's installation.
    load_schema(VERSIONS[0])
    sandbox: Sandbox = app.extensions["sandbox"]
    start(sandbox)
    inbox = mail.serve(sandbox)
    server = make_server("127.0.0.1", settings.port, app, threaded=True, request_handler=Quiet)
    started = time.monotonic()
    try:
        server.serve_forever()
    finally:
        inbox.stop()
        sandbox.close()
        log.info("sandbox_ended", after_s=round(time.monotonic() - started))
