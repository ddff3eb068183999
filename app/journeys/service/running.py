"""A run on its way: the steps that are due, one after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.journeys import facts as known
from app.journeys import rules
from app.journeys.definitions import Definition, Step
from app.journeys.library import definition_of
from app.journeys.model import JourneyRun
from app.journeys.queries import taken
from app.journeys.service.ending import end, live
from app.journeys.service.handing_on import begin_anew, hand_on
from app.journeys.service.tasks import give
from app.messages import service as messages


def advance(session: Session, run: JourneyRun) -> None:
    """Take the steps that are due and plan the next; called with the run claimed and locked."""
    definition = definition_of(session, run)
    if definition is None:
        end(session, run, "withdrawn")
        return
    facts = known.facts_of(session, run, definition)
    if facts.exit == "line_refunded" and hand_on(session, run, definition):
        facts = known.facts_of(session, run, definition)
    _withdraw(session, run, definition, facts)
    while True:
        decision = rules.next_step(definition, facts, taken(run), now(session))
        if isinstance(decision, rules.End):
            end(session, run, decision.reason)
            return
        if isinstance(decision, rules.Again):
            begin_anew(run, decision.round)
        elif isinstance(decision, rules.Due) and decision.at <= now(session):
            if _take(session, run, definition, facts, decision):
                return
        else:
            rest(run, decision.at if isinstance(decision, rules.Due) else decision.until)
            return
        facts = known.facts_of(session, run, definition)


def _take(
    session: Session, run: JourneyRun, definition: Definition, facts: rules.Facts, due: rules.Due
) -> bool:
    """Take one step and note what became of it; True when that was the end of the run."""
    step = definition.step(due.step)
    left_out = rules.left_out(step, facts)
    if lacking := rules.verdict(step, facts, taken(run)):
        _note(run, step, due.at, "passed", reason=lacking)
    elif step.message:
        _send(session, run, step, due, skip=left_out)
    elif left_out:
        _note(run, step, due.at, left_out)
    elif step.task:
        give(session, run, step, number(run, step))
        _note(run, step, due.at, "task")
    elif step.split:
        arm = known.known_of(session, run, definition).arm(step.key)
        _note(run, step, due.at, "split", arm=arm)
    else:
        _note(run, step, due.at, "ended")
        end(session, run, step.end, own=True)
        return True
    return False


def _send(
    session: Session, run: JourneyRun, step: Step, due: rules.Due, *, skip: str | None
) -> None:
    """Compose one step's message. Later steps count from the moment the message really goes out,
    or from the step's own when nothing does."""
    message = messages.compose(
        session,
        messages.Intent(
            key=f"{run.journey}:{run.id}:{number(run, step)}",
            kind=step.message,
            journey=run.journey,
            due_at=due.at,
            order_id=run.order_id,
            customer_id=run.customer_id,
            run_id=run.id,
            step=step.key,
            channel=step.channel,
            subject_ids={key: int(value) for key, value in run.subject_ids.items()},
            skip=skip,
        ),
    )
    at = message.due_at if message.state == "scheduled" and message.due_at else due.at
    outcome = "skipped" if message.state == "skipped" else "composed"
    more = {"reason": message.reason} if message.reason else {}
    _note(run, step, at, outcome, message_id=message.id, **more)


def number(run: JourneyRun, step: Step) -> str:
    """The step's key, with the round from the second one on: each round's is another step."""
    return f"{step.key}#{run.round}" if run.round else step.key


def _note(run: JourneyRun, step: Step, at: datetime, outcome: str, **more: Any) -> None:
    run.steps = {**run.steps, step.key: {"at": at.isoformat(), "outcome": outcome, **more}}


def _withdraw(
    session: Session, run: JourneyRun, definition: Definition, facts: rules.Facts
) -> None:
    """Call off what was composed and waits for its hour, and has lost its point meanwhile: how to
    prepare for a parcel that is on its way, or a step that a newer version no longer has or has
    switched off."""
    steps = {step.key: step for step in definition.steps}
    for key, record in known.steps_of(run).items():
        message_id, step = record.get("message_id"), steps.get(key)
        if not isinstance(message_id, int):
            continue
        failing = rules.failing(step.when, facts.flags) if step else [""]
        left_out = rules.left_out(step, facts) if step else None
        if left_out:
            messages.withdraw(session, message_id, left_out)
        elif failing:
            messages.withdraw(session, message_id, _POINTLESS.get(failing[0], "run_ended"))


_POINTLESS = {
    "paid": "unpaid",
    "not shipped": "shipped_already",
    "not delivered": "shipped_already",
}


def rest(run: JourneyRun, until: datetime | None) -> None:
    """Put a run to sleep until a moment, or until an event wakes it. A run is claimed many times
    in its life, so each good step forgives the failures before it."""
    run.state, run.due_at = "scheduled", until
    run.attempts, run.retry_at, run.error = 0, None, None


def wake(session: Session, order_id: int) -> None:
    """Have an order's live runs look again now."""
    look_again(session, JourneyRun.order_id == order_id)


def look_again(session: Session, which: ColumnElement[bool]) -> None:
    """Have live runs look again now. A run that a worker has just claimed reads the news anyway: it
    waits for this lock or has not read yet."""
    for run in live(session, which):
        if run.state == "scheduled":
            run.due_at = now(session)
    ring(session, "journeys.tick")
