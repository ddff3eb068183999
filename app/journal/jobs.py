"""The journal's bells."""

from __future__ import annotations

import time

import structlog

from app.core.claim import (
    BATCH_SECONDS,
    MAX_ATTEMPTS,
    Claim,
    claim,
    claimed_row,
    drain,
    give_back,
    has_due,
    sweep,
)
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.queue import ring_now
from app.journal.model import JournalDelivery
from app.journal.service import ERRANDS, addressee, deliver

log = structlog.get_logger(__name__)

#: When the other side says "later", an errand is patient for about a day.
PATIENCE = 14


def react() -> None:
    """Deliver what was recorded to whoever listens; what is left after the batch rings again."""
    drain(JournalDelivery, deliver)
    if has_due(JournalDelivery):
        ring_now("journal.react")


def run_errands() -> None:
    """Run the errands that events ask for: work over somebody else's network, done with no unit
    of work open. One at a time, so that a lease never waits behind nine slow strangers."""
    until = time.monotonic() + BATCH_SECONDS
    while time.monotonic() < until:
        claims = claim(JournalDelivery, lane=ERRANDS, limit=1)
        if not claims:
            return
        _run(claims[0])
    if has_due(JournalDelivery, ERRANDS):
        ring_now("journal.run_errands")


def give_back_lost() -> None:
    """Return deliveries whose worker died to the queue."""
    if sweep(JournalDelivery):
        ring_now("journal.react")
        ring_now("journal.run_errands")


def _run(mine: Claim) -> None:
    try:
        with unit_of_work(mine.shop_id) as session:
            row = claimed_row(session, JournalDelivery, mine)
            if row is None:
                return
            errand, event = addressee(session, row)
        errand(mine.shop_id, event)
    except GiveUp as error:
        _finish(mine, "failed", str(error))
    except TryLater as error:
        _put_back(mine, str(error), error.seconds, PATIENCE)
    except Exception as error:  # the worker's edge: the row carries the reason on
        log.exception("errand_failed", shop_id=mine.shop_id, id=mine.id)
        _put_back(mine, f"{type(error).__name__}: {error}", None, MAX_ATTEMPTS)
    else:
        _finish(mine, "done", None)


def _finish(mine: Claim, state: str, reason: str | None) -> None:
    with unit_of_work(mine.shop_id) as session:
        row = claimed_row(session, JournalDelivery, mine)
        if row is not None:
            row.state, row.error = state, reason
            row.lease_until = row.claim_token = None


def _put_back(mine: Claim, reason: str, wish: float | None, most: int) -> None:
    with unit_of_work(mine.shop_id) as session:
        row = claimed_row(session, JournalDelivery, mine)
        if row is not None:
            give_back(row, reason, wish, most=most)
