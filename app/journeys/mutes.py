"""People whom a member of staff wants left in peace: by one journey, or by all of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.journal.service import record
from app.journeys.events import MuteChanged
from app.journeys.model import JourneyMute, JourneyRun
from app.journeys.queries import LIVE
from app.journeys.refusals import EVERYTHING, muted_by
from app.journeys.service import end
from app.messages import service as messages
from app.mirror import queries as mirror
from app.mirror.model import Customer


def mutes_of(session: Session, customer_id: int) -> dict[str, JourneyMute]:
    """What a customer is left in peace by; `*` stands for everything."""
    rows = session.scalars(select(JourneyMute).where(JourneyMute.customer_id == customer_id))
    return {row.journey: row for row in rows}


def mute(session: Session, customer_id: int, journey: str, who: str) -> None:
    """Leave a customer in peace from now on: their runs end with what they had scheduled, and later
    orders enter nothing. From everything means all of it: whatever waits is called off, and consent
    to marketing is taken back on every channel. Raises `NotFound` for a customer who is not the
    shop's."""
    _known(session, customer_id)
    fresh = session.execute(
        insert(JourneyMute)
        .values(
            shop_id=session.info["shop_id"],
            customer_id=customer_id,
            journey=journey,
            muted_at=now(session),
            muted_by=who,
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "customer_id", "journey"])
        .returning(JourneyMute.id)
    ).scalar_one_or_none()
    _end_runs(session, customer_id, journey)
    if journey == EVERYTHING:
        messages.stop_person(session, customer_id, who)
    if fresh is not None:
        _announce(session, customer_id, journey, who, muted=True)


def unmute(session: Session, customer_id: int, journey: str, who: str) -> None:
    """Let a customer's next orders enter again; what was ended stays ended."""
    _known(session, customer_id)
    gone = session.execute(
        delete(JourneyMute)
        .where(JourneyMute.customer_id == customer_id, JourneyMute.journey == journey)
        .returning(JourneyMute.id)
    ).all()
    if gone:
        _announce(session, customer_id, journey, who, muted=False)


def erase_person(session: Session, customer: Customer) -> int:
    """Forget that a customer was to be left in peace; returns how many rows."""
    gone = session.execute(
        delete(JourneyMute).where(JourneyMute.customer_id == customer.id).returning(JourneyMute.id)
    )
    return len(gone.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What a customer was left in peace by, and since when."""
    return [
        {"journey": row.journey, "muted_at": row.muted_at}
        for row in mutes_of(session, customer.id).values()
    ]


def _known(session: Session, customer_id: int) -> None:
    if mirror.customer(session, customer_id) is None:
        raise NotFound


def _end_runs(session: Session, customer_id: int, journey: str) -> None:
    which = [JourneyRun.customer_id == customer_id, JourneyRun.state.in_(LIVE)]
    if journey != EVERYTHING:
        which.append(JourneyRun.journey == journey)
    for run in session.scalars(
        select(JourneyRun).where(*which).order_by(JourneyRun.id).with_for_update()
    ):
        end(session, run, muted_by(journey))


def _announce(session: Session, customer_id: int, journey: str, who: str, *, muted: bool) -> None:
    record(
        session,
        MuteChanged(
            occurred_at=now(session),
            customer_id=customer_id,
            journey=journey,
            staff=who,
            muted=muted,
        ),
    )
