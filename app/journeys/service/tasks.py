"""What people of the shop are to do."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.journeys.definitions import Step, parse_offset
from app.journeys.model import JourneyRun, JourneyTask
from app.parcels.queries import promise_of
from app.parcels.rules import working_days_after
from app.shops.service import shop


def give(session: Session, run: JourneyRun, step: Step, number: str) -> None:
    """Hand a step's task to the people of the shop, once: due so many of its working days from
    today."""
    if step.task is None:
        raise ValueError(f"{step.key} gives nobody anything to do")
    home = shop(session)
    today = now(session).astimezone(ZoneInfo(home.timezone)).date()
    days = parse_offset(step.task.within).days
    session.execute(
        insert(JourneyTask)
        .values(
            shop_id=run.shop_id,
            run_id=run.id,
            journey=run.journey,
            step=number,
            order_id=run.order_id,
            customer_id=run.customer_id,
            title=msgspec.to_builtins(step.task.title),
            text=msgspec.to_builtins(step.task.text),
            due_on=working_days_after(today, days, home.country, promise_of(home)),
            state="open",
            given_at=now(session),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "run_id", "step"])
    )


def ask(
    session: Session,
    *,
    source: str,
    title: dict[str, str],
    text: dict[str, str],
    order_id: int | None,
    customer_id: int | None,
    within: int = 1,
    about: str = "",
) -> int:
    """Give the people of the shop something to do that no journey asks for: due `within` so many
    of its working days. `source` says who asks, and `about` what for; `title` and `text` hold both
    languages. Returns the task's id."""
    home = shop(session)
    today = now(session).astimezone(ZoneInfo(home.timezone)).date()
    task = JourneyTask(
        shop_id=home.shop_id,
        journey=source,
        step=about,
        order_id=order_id,
        customer_id=customer_id,
        title=title,
        text=text,
        due_on=working_days_after(today, within, home.country, promise_of(home)),
        state="open",
        given_at=now(session),
    )
    session.add(task)
    session.flush()
    return task.id


def close_task(session: Session, task_id: int, who: str) -> JourneyTask:
    """Somebody did it; one that is done already keeps who was first. Raises `NotFound`."""
    task = session.get(JourneyTask, (session.info["shop_id"], task_id), with_for_update=True)
    if task is None:
        raise NotFound
    if task.state == "open":
        task.state, task.closed_at, task.closed_by = "done", now(session), who
    return task


def erase_tasks(session: Session, customer_id: int) -> int:
    """Forget what was to be done for a customer; returns how many tasks."""
    gone = session.execute(
        delete(JourneyTask).where(JourneyTask.customer_id == customer_id).returning(JourneyTask.id)
    )
    return len(gone.all())


def tasks_about(session: Session, customer_id: int) -> list[JourneyTask]:
    """What was and is to be done for a customer, the oldest first."""
    return list(
        session.scalars(
            select(JourneyTask)
            .where(JourneyTask.customer_id == customer_id)
            .order_by(JourneyTask.id)
        )
    )
