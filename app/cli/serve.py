"""The long-running processes: web, worker, clock."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context

import click
from flask import Flask

from app import create_app
from app.core.settings import Settings
from app.core.ticker import Ticker
from app.core.worker import make_worker

QUEUES = ("inbox", "transactional", "marketing", "slow")


def build() -> Flask:
    """The app as the environment describes it; granian calls this in each of its workers."""
    return create_app(Settings.from_env(os.environ))


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
    """Answer bells: one process for each of QUEUES (all of them by default)."""
    app = build()
    # Each worker forks from here, with everything imported: that shares memory and time.
    context = get_context("fork")
    children = [context.Process(target=_work, args=(app, queue)) for queue in queues or QUEUES]
    for child in children:
        child.start()

    def stop(_number: int, _frame: object) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for child in children:
        child.join()


def _work(app: Flask, queue: str) -> None:
    app.extensions["okaeri"].engine.dispose(close=False)
    with app.app_context():
        make_worker(app, queue, maintenance_interval=60).work(with_scheduler=False)


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
