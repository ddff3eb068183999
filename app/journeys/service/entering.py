"""Who enters a journey."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.journal.service import record
from app.journeys.definitions import Definition
from app.journeys.events import RunEntered
from app.journeys.facts import switched_on_at
from app.journeys.library import definitions, own_version
from app.journeys.model import JourneyRun
from app.journeys.refusals import refusal
from app.journeys.service.ending import end, event
from app.journeys.subjects import Subject, subjects_of
from app.mirror.model import Order


def enter(session: Session, moment: str, order: Order, parcel_id: int | None = None) -> None:
    """An order, or one parcel of it, enters the journeys that start with a moment."""
    for definition in definitions(session).values():
        if definition.starts != moment or not switched_on_at(session, definition.key):
            continue
        for subject in subjects_of(session, definition, order, parcel_id):
            _enter_one(session, definition, order, subject)


def _enter_one(session: Session, definition: Definition, order: Order, subject: Subject) -> None:
    """Insert the run, once per subject; one that must not go on is ended in the same breath, so
    that the order's timeline says why nothing comes."""
    own = own_version(session, definition.key)
    run_id = session.execute(
        insert(JourneyRun)
        .values(
            shop_id=session.info["shop_id"],
            journey=definition.key,
            version=own.version if own else definition.version,
            definition_id=own.id if own else None,
            subject=subject.name,
            order_id=order.id,
            customer_id=order.customer_id,
            subject_ids=subject.ids,
            steps={},
            state="scheduled",
            lane="default",
            attempts=0,
            due_at=now(session),
            entered_at=now(session),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "journey", "subject"])
        .returning(JourneyRun.id)
    ).scalar_one_or_none()
    if run_id is None:
        return
    run = session.get_one(JourneyRun, (session.info["shop_id"], run_id))
    refused = refusal(session, definition, order, subject, run.id)
    if refused:
        end(session, run, refused)
        return
    record(session, event(session, RunEntered, run))
    ring(session, "journeys.tick")
