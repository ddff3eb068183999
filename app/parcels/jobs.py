"""The parcels' bells."""

from __future__ import annotations

from app.core import claim
from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.parcels import expectations
from app.parcels.model import ParcelWatch
from app.parcels.silence import look
from app.shops import tokens


def look_for_silent() -> None:
    """Find late, or take as delivered, parcels whose carrier has been silent for too long; what is
    left after the batch rings again."""
    claim.drain(ParcelWatch, look)
    if claim.has_due(ParcelWatch):
        ring_now("parcels.look_for_silent")


def give_back_lost() -> None:
    """Give back what a worker died over."""
    claim.sweep(ParcelWatch)


def nightly() -> None:
    """Ring for every shop alone."""
    for shop_id in tokens.everyone():
        ring_now("parcels.learn", str(shop_id))


def learn(shop_id: str) -> None:
    """Learn anew how long a shop's parcels take."""
    with unit_of_work(int(shop_id)) as session:
        expectations.learn(session)
