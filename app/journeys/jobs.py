"""The journeys' bells."""

from __future__ import annotations

from app.core import claim
from app.core.queue import ring_now
from app.journeys.model import JourneyRun
from app.journeys.service import advance


def tick() -> None:
    """Advance the runs that are due; what is left after the batch rings again."""
    claim.drain(JourneyRun, advance)
    if claim.has_due(JourneyRun):
        ring_now("journeys.tick")


def sweep() -> None:
    """Give back the runs of workers that died."""
    if claim.sweep(JourneyRun):
        ring_now("journeys.tick")
