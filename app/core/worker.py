"""The RQ worker: carries the app's context, logs and times every job, forks with the app loaded.

The app is imported before the fork: a horse that has to import it takes twenty times as long.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from rq import Worker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from app.core.runtime import Runtime

log = structlog.get_logger(__name__)


class OkaeriWorker(Worker):
    """A forking worker of one queue (RQ moves jobs safely only then)."""

    app: Flask

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the child: sockets of the parent's pool are the parent's."""
        running: Runtime = self.app.extensions["okaeri"]
        running.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job inside the app's context; one line a job in the log."""
        started = time.monotonic()
        with self.app.app_context(), structlog.contextvars.bound_contextvars(job=job.func_name):
            done = super().perform_job(job, queue, execution)
        log.info("job", ok=done, ms=round((time.monotonic() - started) * 1000))
        return done


def make_worker(app: Flask, queue: str, **options: Any) -> OkaeriWorker:
    """A worker of `queue` for `app`."""
    running: Runtime = app.extensions["okaeri"]
    connection = Redis.from_url(running.settings.redis_url)
    worker = OkaeriWorker([queue], connection=connection, serializer=JSONSerializer, **options)
    worker.app = app
    worker.log_result_lifespan = False
    return worker
