"""The journeys' bells."""

from __future__ import annotations

from app.core import claim
from app.core.db import unit_of_work
from app.core.keeping import Kept
from app.core.queue import ring_now
from app.core.tenancy import every_shop
from app.journeys import dryrun
from app.journeys.model import DryRun, DryRunPart, JourneyRun
from app.journeys.service import advance, look_after_presents

#: A part takes about a second. Whoever still walks one holds its row as long; the lease is what a
#: worker leaves behind who died.
PART_LEASE_S = 30


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
    if claim.sweep(DryRunPart):
        ring_now("journeys.imagine")


def nightly() -> None:
    """Ring for every shop alone: one that fails holds up no other."""
    for shop_id in every_shop():
        ring_now("journeys.look_after", str(shop_id))


def look_after(shop_id: str) -> None:
    """See to it that presents reach who won them."""
    with unit_of_work(int(shop_id)) as session:
        look_after_presents(session)


def imagine() -> None:
    """Cut a dry run that was asked for, and walk one part of one. While another part waits, whoever
    else of the queue's workers is free is called for it, and this one comes back to it."""
    for mine in claim.claim(DryRun, limit=1):
        claim.handle_claim(DryRun, mine, dryrun.cut)
    taken = claim.claim(DryRunPart, limit=1, lease_s=PART_LEASE_S)
    if claim.has_due(DryRunPart):
        ring_now("journeys.imagine")
    for mine in taken:
        claim.handle_claim(DryRunPart, mine, dryrun.walk)
