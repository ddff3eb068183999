"""A person who wants to be forgotten gets nothing more, and may see what was on the way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journeys.model import JourneyRun
from app.journeys.queries import LIVE
from app.journeys.service import end
from app.journeys.service.tasks import erase_tasks, tasks_about
from app.mirror.model import Customer


def erase_person(session: Session, customer: Customer) -> int:
    """End whatever was still to come for a customer; returns how many runs. What is left of a run
    names nobody."""
    live = session.scalars(
        select(JourneyRun)
        .where(JourneyRun.customer_id == customer.id, JourneyRun.state.in_(LIVE))
        .with_for_update()
    ).all()
    for run in live:
        end(session, run, "redacted")
    erase_tasks(session, customer.id)
    return len(live)


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """The journeys a customer entered, and what became of their steps."""
    runs = session.scalars(
        select(JourneyRun).where(JourneyRun.customer_id == customer.id).order_by(JourneyRun.id)
    )
    return [
        {
            "journey": run.journey,
            "entered_at": run.entered_at,
            "ended_at": run.ended_at,
            "end_reason": run.end_reason,
            "steps": run.steps,
        }
        for run in runs
    ]


def export_tasks(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What people of the shop were asked to do for a customer, in the words they read."""
    return [
        {
            "title": task.title,
            "text": task.text,
            "given_at": task.given_at,
            "due_on": task.due_on,
            "state": task.state,
            "closed_at": task.closed_at,
        }
        for task in tasks_about(session, customer.id)
    ]
