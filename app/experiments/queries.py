"""Reads of experiments: what a person sees, how far one is, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.together import Question, Rows
from app.experiments import figures, rules
from app.experiments.model import Experiment, ExperimentVisitor
from app.experiments.rules import Arm, Difference, Tally
from app.mirror.model import Order


def experiment(session: Session, experiment_id: int) -> Experiment:
    """One experiment; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Experiment, (session.info["shop_id"], experiment_id))
    if found is None:
        raise NotFound
    return found


def experiments(session: Session, page: str) -> list[Experiment]:
    """A page's experiments, the newest first."""
    return list(
        session.scalars(
            select(Experiment).where(Experiment.page == page).order_by(Experiment.id.desc())
        )
    )


def person_of(order: Order) -> str:
    """Whom an order is of, for the lot: the customer, a guest by address, else the order alone."""
    if order.customer_id is not None:
        return f"customer:{order.customer_id}"
    return f"guest:{order.email_key}" if order.email_key else f"order:{order.id}"


@dataclass(frozen=True)
class Place:
    """What holds for a person on a page: the running experiment and their arm in it, if they take
    part already, and the parts that were made the page's own (None for none)."""

    running: Experiment | None
    arm: Arm | None
    usual: tuple[str, ...] | None


def place(session: Session, page: str, person: str | None) -> Place:
    """Where a person (see `person_of`) stands, in one statement; nobody stands anywhere yet."""
    return place_of(standing().ask(session, {"on": page, "who": person or ""}))


def place_of(rows: Rows) -> Place:
    """What the answer to `standing` says."""
    running = next((row for row in rows if row[0].state == "running"), None)
    applied = next((_arm(row[0], row[0].applied) for row in rows if row[0].applied), None)
    return Place(
        running[0] if running else None,
        _arm(running[0], running[1]) if running else None,
        applied.parts if applied else None,
    )


@cache
def standing() -> Question:
    """The experiments that count on a page (`on`), and somebody's (`who`) arm in each."""
    words = func.convert_to(
        func.concat(Experiment.salt, ":", bindparam("who", type_=String)), "UTF8"
    )
    return Question(
        select(Experiment, ExperimentVisitor.arm)
        .outerjoin(
            ExperimentVisitor,
            (ExperimentVisitor.shop_id == Experiment.shop_id)
            & (ExperimentVisitor.experiment_id == Experiment.id)
            & (ExperimentVisitor.subject == func.encode(func.sha256(words), "hex")),
        )
        .where(
            Experiment.page == bindparam("on", type_=String),
            (Experiment.state == "running") | Experiment.applied.is_not(None),
        )
    )


def _arm(found: Experiment, key: str | None) -> Arm | None:
    return next((arm for arm in rules.arms_of(found.arms) if arm.key == key), None)


# --- how far it is ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far an experiment is. `full_at` is when the size or the date was reached, `ready_at`
    when everybody's window is over; both None while nobody can say. `chance` is that of a lot as
    uneven as this one."""

    people: dict[str, int]
    full_at: datetime | None
    ready_at: datetime | None
    ready: bool
    chance: float

    @property
    def suspicious(self) -> bool:
        """Whether the people fell into the arms otherwise than by this lot."""
        return self.chance < rules.SUSPICIOUS


def progress(session: Session, found: Experiment) -> Progress:
    """How far an experiment is; says nothing of what people did (no peeking)."""
    arms = rules.arms_of(found.arms)
    people = {arm.key: 0 for arm in arms} | figures.people(session, found.id)
    full_at = _full_at(session, found)
    ready_at = full_at + timedelta(days=found.window_days) if full_at else None
    return Progress(
        people=people,
        full_at=full_at,
        ready_at=ready_at,
        ready=ready_at is not None and ready_at <= now(session),
        chance=rules.chance(people, arms),
    )


def _full_at(session: Session, found: Experiment) -> datetime | None:
    """When the last arm had its size, or the date came, whichever was first; who came later is not
    counted. None before, and for what was stopped earlier: then nothing can be concluded."""
    if found.started_at is None:
        return None
    reached = [figures.nth(session, found.id, arm, count) for arm, count in found.needed.items()]
    by_size = max(at for at in reached if at) if all(reached) else found.ends_at
    full_at = min(by_size, found.ends_at)
    return full_at if full_at <= (found.stopped_at or now(session)) else None


# --- what came of it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class ArmResult:
    """One arm's people and how they differ from the holdout's (None for the holdout itself)."""

    arm: Arm
    tally: Tally
    rate: Difference | None
    amount: Difference | None


def results(session: Session, found: Experiment, far: Progress) -> list[ArmResult] | None:
    """What came of an experiment, arm by arm; None before it is ready. What was frozen when it
    stopped stays."""
    arms = rules.arms_of(found.arms)
    if found.result is not None:
        tallies = figures.thawed(found.result)
    elif far.ready and far.full_at is not None:
        tallies = figures.tallies(session, found, far.full_at)
    else:
        return None
    control = tallies.get(rules.HOLDOUT, Tally())
    compared = len(arms) - 1
    found_results = []
    for arm in arms:
        tally = tallies.get(arm.key, Tally())
        own = arm.key == rules.HOLDOUT
        found_results.append(
            ArmResult(
                arm,
                tally,
                None if own else rules.rate_difference(tally, control, compared),
                None if own else rules.amount_difference(tally, control, compared),
            )
        )
    return found_results
