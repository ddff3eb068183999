"""What a page shows below the timeline, to whom: everything, what an experiment made usual, or an
arm of the one that runs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.experiments import queries as experiments
from app.experiments import service
from app.mirror.model import Order
from app.thankyou.context import PAGE
from app.thankyou.model import OfferGrant
from app.thankyou.modules import PARTS


def usual(session: Session) -> tuple[str, ...]:
    """What everybody sees while no experiment says otherwise."""
    place = experiments.place(session, PAGE, None)
    return PARTS if place.usual is None else place.usual


def parts(
    session: Session,
    place: experiments.Place,
    order: Order | None,
    grant: OfferGrant | None,
    *,
    joins: bool,
) -> tuple[str, ...]:
    """The parts of a page, in their order, for somebody's `place` in its experiments. Where it
    `joins`, whoever placed the order takes part in the one that runs. An offer that was made is
    shown, whatever is decided since."""
    usual = PARTS if place.usual is None else place.usual
    found = usual
    if place.running is not None and order is None:
        # Until it is known who this is, nothing is shown that might have to go again.
        found = ()
    elif place.running is not None and order is not None:
        arm = place.arm or (service.join(session, place.running, order) if joins else None)
        found = usual if arm is None else arm.parts
    made = grant is not None and grant.deadline is not None and "offer" not in found
    return ("offer", *found) if made else found
