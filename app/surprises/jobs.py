"""The surprises' bells."""

from __future__ import annotations

from app.core import claim
from app.core.queue import ring_now
from app.surprises.model import SurpriseDraw
from app.surprises.service import hold


def draw() -> None:
    """Hold the draws whose time is over; what is left after the batch rings again."""
    claim.drain(SurpriseDraw, hold)
    if claim.has_due(SurpriseDraw):
        ring_now("surprises.draw")


def give_back_lost() -> None:
    """Give back what a worker died over."""
    claim.sweep(SurpriseDraw)
