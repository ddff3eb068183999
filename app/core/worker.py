"""The RQ worker: carries the app's context, logs and times every job.

It runs jobs in its own process, without a fork for each: a fresh horse would compile templates and
SQL again for every few mails (measured: six times the work). What a fork would protect against is
met elsewhere: rows are claimed with a lease, a job that runs too long is interrupted, a process
that dies is started again by `okaeri worker`, and each ends by itself after many jobs.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from app.core.claim import BATCH_SECONDS
from app.core.queue import waiting_key
from app.core.runtime import Runtime

log = structlog.get_logger(__name__)

#: After so many jobs a worker makes room for a fresh one; memory cannot creep up for ever.
MAX_JOBS = 5_000


class OkaeriWorker(SimpleWorker):
    """A worker of one queue (RQ moves jobs safely only then)."""

    app: Flask

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job inside the app's context; one line a job in the log."""
        started = time.monotonic()
        # From here on a ring of this bell is a new one: what it tells may come too late for us.
        self.connection.delete(waiting_key(str(job.func_name), job.args))
        with self.app.app_context(), structlog.contextvars.bound_contextvars(job=job.func_name):
            done = super().perform_job(job, queue, execution)
        seconds = time.monotonic() - started
        if done and seconds >= BATCH_SECONDS:
            self._ring_for_the_rest(job)
        log.info("job", ok=done, ms=round(seconds * 1000))
        return done

    def _ring_for_the_rest(self, job: Job) -> None:
        """A batch that ended by the clock had more to do; others of the queue go first."""
        running: Runtime = self.app.extensions["okaeri"]
        running.queue.wake(job.origin, str(job.func_name), tuple(job.args))


def make_worker(app: Flask, queue: str, **options: Any) -> OkaeriWorker:
    """A worker of `queue` for `app`."""
    running: Runtime = app.extensions["okaeri"]
    connection = Redis.from_url(running.settings.redis_url)
    worker = OkaeriWorker([queue], connection=connection, serializer=JSONSerializer, **options)
    worker.app = app
    worker.log_result_lifespan = False
    return worker
