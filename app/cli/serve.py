"""The long-running processes: web, worker, clock."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

import click
from flask import Flask
from sqlalchemy.orm import configure_mappers

from app import create_app
from app.core.settings import Settings
from app.core.ticker import Ticker
from app.core.worker import MAX_JOBS, make_worker

QUEUES = ("inbox", "transactional", "marketing", "slow")
#: How long the parent looks at one child before it looks at the next.
LOOK_S = 0.25


def build() -> Flask:
    """The app as the environment describes it; granian calls this in each of its workers."""
    return create_app(Settings.from_env(os.environ))


@contextmanager
def app_at_hand() -> Iterator[Flask]:
    """The app for the length of one command, its context pushed."""
    app = build()
    try:
        with app.app_context():
            yield app
    finally:
        app.extensions["okaeri"].close()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--threads", default=8, show_default=True, help="Requests at a time per process.")
def web(host: str, port: int, workers: int, threads: int) -> None:
    """Serve pages, the widget's API and webhooks."""
    from granian import Granian
    from granian.constants import Interfaces

    Settings.from_env(os.environ)  # what is missing is said before any worker starts
    Granian(
        "app.cli.serve:build",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers,
        blocking_threads=threads,
        backlog=2048,
        log_access=False,
    ).serve()


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
def worker(queues: tuple[str, ...]) -> None:
    """Answer bells: one process for each of QUEUES (all of them by default). A process that ends
    is replaced."""
    app = build()
    # Workers fork from here with everything imported: that shares memory and time, and no worker
    # imports half of an update that is being laid down.
    for bell in app.extensions["okaeri"].table("BELLS"):
        import_module(f"app.{bell.split('.')[0]}.jobs")
    configure_mappers()
    _keep_working(app, queues or QUEUES)


def _keep_working(app: Flask, queues: tuple[str, ...]) -> None:
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = {queue: _start(app, queue) for queue in queues}
    while not stopping:
        for queue, child in children.items():
            child.join(LOOK_S)
            if not child.is_alive() and not stopping:
                children[queue] = _start(app, queue)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join()


def _start(app: Flask, queue: str) -> ForkProcess:
    child = get_context("fork").Process(target=_work, args=(app, queue))
    child.start()
    return child


def _work(app: Flask, queue: str) -> None:
    # Sockets of the parent's pool are the parent's.
    app.extensions["okaeri"].engine.dispose(close=False)
    with app.app_context():
        made = make_worker(app, queue, maintenance_interval=60)
        made.work(with_scheduler=False, max_jobs=MAX_JOBS)


@click.command()
def clock() -> None:
    """Ring for what falls due, once a second; several may run, one is elected."""
    app = build()
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with app.app_context():
        schedule = app.extensions["okaeri"].table("SCHEDULE")
        Ticker(schedule).run(lambda: stopping)
