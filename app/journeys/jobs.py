"""The journeys' bells."""

from __future__ import annotations

from app.core import claim
from app.core.db import unit_of_work
from app.core.keeping import Kept
from app.core.queue import ring_now
from app.core.tenancy import every_shop
from app.journeys import dryrun
from app.journeys.model import DryRun, JourneyRun
from app.journeys.service import advance, look_after_presents


def tick() -> None:
    """Advance the runs that are due; what is left after the batch rings again."""
    claim.drain(JourneyRun, advance, keeping=Kept())
    if claim.has_due(JourneyRun):
        ring_now("journeys.tick")


def sweep() -> None:
    """Give back the runs of workers that died."""
    if claim.sweep(JourneyRun):
        ring_now("journeys.tick")
    claim.sweep(DryRun)


def nightly() -> None:
    """Ring for every shop alone: one that fails holds up no other."""
    for shop_id in every_shop():
        ring_now("journeys.look_after", str(shop_id))


def look_after(shop_id: str) -> None:
    """See to it that presents reach who won them."""
    with unit_of_work(int(shop_id)) as session:
        look_after_presents(session)


def imagine() -> None:
    """Walk one slice of a dry run; what is left rings again, behind the queue's other bells."""
    for mine in claim.claim(DryRun, limit=1):
        claim.handle_claim(DryRun, mine, dryrun.work)
    if claim.has_due(DryRun):
        ring_now("journeys.imagine")
