"""The parcels' bells."""

from __future__ import annotations

from app.core import claim
from app.core.queue import ring_now
from app.parcels.model import ParcelWatch
from app.parcels.silence import infer


def look_for_silent() -> None:
    """Take parcels as delivered whose carrier has been silent for too long; what is left after the
    batch rings again."""
    claim.drain(ParcelWatch, infer)
    if claim.has_due(ParcelWatch):
        ring_now("parcels.look_for_silent")


def give_back_lost() -> None:
    """Give back what a worker died over."""
    claim.sweep(ParcelWatch)
