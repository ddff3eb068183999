"""The long-running processes: web, worker, clock."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

import click
from flask import Flask
from sqlalchemy.orm import configure_mappers

from app import create_app
from app.core.runtime import Runtime
from app.core.settings import Settings
from app.core.ticker import Ticker
from app.core.worker import MAX_JOBS, make_worker

QUEUES = ("inbox", "transactional", "marketing", "slow", "heavy")
#: Queues of work that fills a core for a while and that any number of processes share. Nobody waits
#: at them: a process is started when a bell does, one for each core, and ends when there has been
#: nothing to do for so long.
ON_CALL = frozenset({"heavy"})
IDLE_S = 30
#: More cores than this are left to the others.
MOST_ON_CALL = 4
#: How often the parent looks at its children.
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
    """Answer bells: one process for each of QUEUES (all of them by default), and for heavy work one
    for each core while there is some. A process that ends is replaced."""
    app = build()
    # Workers fork from here with everything imported: that shares memory and time, and no worker
    # imports half of an update that is being laid down.
    for bell in app.extensions["okaeri"].table("BELLS"):
        import_module(f"app.{bell.split('.')[0]}.jobs")
    configure_mappers()
    # What is here by now stays for good: nobody looks through it again, which would have each
    # worker write to pages that they share.
    gc.collect()
    gc.freeze()
    _keep_working(app, queues or QUEUES)


def _keep_working(app: Flask, queues: tuple[str, ...]) -> None:
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    crews = [Crew(app, queue) for queue in queues]
    while not stopping:
        for crew in crews:
            crew.tend()
        time.sleep(LOOK_S)
    for crew in crews:
        crew.dismiss()


class Crew:
    """The processes that answer one queue's bells."""

    def __init__(self, app: Flask, queue: str) -> None:
        self.app, self.queue = app, queue
        self.on_call = queue in ON_CALL
        self.most = min(os.cpu_count() or 1, MOST_ON_CALL) if self.on_call else 1
        self.children: list[ForkProcess] = []

    def tend(self) -> None:
        """Start whoever is missing: one at a time, so that work for one calls one."""
        self.children = [child for child in self.children if child.is_alive()]
        if len(self.children) < self.most and (not self.on_call or self._bells_wait()):
            child = get_context("fork").Process(target=self._work)
            child.start()
            self.children.append(child)

    def dismiss(self) -> None:
        """Ask them to end, and wait until they have."""
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.join()

    def _bells_wait(self) -> bool:
        running: Runtime = self.app.extensions["okaeri"]
        return running.queue.waiting(self.queue)

    def _work(self) -> None:
        # Whoever is sent away before the worker listens to signals goes at once.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Sockets of the parent's pool are the parent's.
        self.app.extensions["okaeri"].engine.dispose(close=False)
        with self.app.app_context():
            made = make_worker(self.app, self.queue, maintenance_interval=60)
            idle = IDLE_S if self.on_call else None
            made.work(with_scheduler=False, max_jobs=MAX_JOBS, max_idle_time=idle)


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
