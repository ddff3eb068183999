"""What a buyer says about an order on its way: that it is a gift, for one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.journeys import conditions, rules
from app.journeys.definitions import Definition, condition
from app.journeys.events import RunEntered
from app.journeys.facts import known_of
from app.journeys.library import definition_of, definitions
from app.journeys.model import JourneyRun
from app.journeys.refusals import reason_of, refusal
from app.journeys.service.ending import end, event, live
from app.journeys.service.running import wake
from app.journeys.subjects import subjects_of
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.surveys.events import SurveyAnswered

#: Conditions that an answer may change.
TOLD = frozenset({"gift", "survey"})


def on_survey_answered(session: Session, answered: SurveyAnswered) -> None:
    """The page on which it is asked is shown after the order came in: what the answer makes of the
    order holds as if it had been known from the beginning. It leaves journeys that are not for such
    orders, and enters those that are."""
    order = mirror.order(session, answered.order_id or 0)
    for run in live(session, JourneyRun.order_id == order.id):
        definition = definition_of(session, run)
        if definition and (words := _told(definition.when)):
            known = known_of(session, run, definition)
            if failing := rules.failing(words, conditions.holding(known)):
                end(session, run, reason_of(failing[0]))
    for run in _refused(session, order):
        _let_in(session, order, run)
    wake(session, order.id)


def _told(when: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in when if condition(word).name in TOLD)


def _refused(session: Session, order: Order) -> list[JourneyRun]:
    """Runs that were refused at the door because of what nobody had said yet, locked."""
    query = select(JourneyRun).where(
        JourneyRun.order_id == order.id,
        JourneyRun.state == "cancelled",
        JourneyRun.ended_at == JourneyRun.entered_at,
    )
    runs = session.scalars(query.order_by(JourneyRun.id).with_for_update())
    known = definitions(session)
    return [run for run in runs if run.end_reason in _reasons(known.get(run.journey))]


def _reasons(definition: Definition | None) -> set[str]:
    return {reason_of(word) for word in _told(definition.when)} if definition else set()


def _let_in(session: Session, order: Order, run: JourneyRun) -> None:
    definition = definitions(session)[run.journey]
    subjects = {one.name: one for one in subjects_of(session, definition, order, None)}
    subject = subjects.get(run.subject)
    if subject is None or refusal(session, definition, order, subject, run.id):
        return
    run.state, run.due_at, run.ended_at, run.end_reason = "scheduled", now(session), None, None
    record(session, event(session, RunEntered, run))
