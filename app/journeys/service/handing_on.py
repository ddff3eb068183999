"""What speaks of an order by a line that went back speaks of another."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journeys.conditions import SENT
from app.journeys.definitions import Definition
from app.journeys.model import JourneyRun
from app.journeys.queries import LIVE
from app.journeys.subjects import best_of
from app.messages import reasons
from app.messages import service as messages
from app.messages.model import Message
from app.mirror import queries as mirror


def hand_on(session: Session, run: JourneyRun, definition: Definition) -> bool:
    """After a refund in part, a run that speaks of an order by a line of it that went back, and
    has reached nobody yet, speaks of the best of those that stay: whoever kept something is still
    asked about it (rules.md RV-1). Returns whether it does."""
    order = mirror.order(session, run.order_id or 0)
    best = best_of(session, order)
    if not best or run.subject != f"order:{order.id}":
        return False
    if run.steps:
        if definition.cycle or not _unheard(session, run):
            return False
        messages.cancel_run(session, run.id, reasons.LINE_REFUNDED)
        begin_anew(run, (run.round or 0) + 1)
    run.subject_ids = best
    return True


def _unheard(session: Session, run: JourneyRun) -> bool:
    """Whether what was to be said was about to be, or was called off for the line: nobody has heard
    of it, and nobody of the shop was given anything to do."""
    if any(record["outcome"] == "task" for record in run.steps.values()):
        return False
    rows = session.execute(
        select(Message.state, Message.reason).where(Message.run_id == run.id)
    ).all()
    waited = any(row.state in LIVE or row.reason == reasons.LINE_REFUNDED for row in rows)
    return waited and not any(row.state in SENT for row in rows)


def begin_anew(run: JourneyRun, number: int) -> None:
    """Keep what became of the round's steps under its number, and begin the next."""
    run.steps = {
        key if "#" in key else f"{key}#{run.round}": record for key, record in run.steps.items()
    }
    run.round = number
