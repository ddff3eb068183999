"""Experiments are written, started, stopped and put to use; people take part by lot."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.core.locale import gettext as _
from app.experiments import figures, queries, rules
from app.experiments.model import Experiment, ExperimentVisitor
from app.experiments.rules import HOLDOUT, Arm
from app.mirror.model import Customer, Order

WINDOWS = (7, 14, 30, 60)
MOST_ARMS, LEAST_SHARE = 3, 5
LONGEST_NAME = 80


@dataclass(frozen=True)
class Draft:
    """An experiment as somebody typed it: the arms without the holdout, `usual` and `difference` in
    hundredths of a percent."""

    name: str
    arms: tuple[Arm, ...]
    window_days: int
    usual: int
    difference: int
    ends_at: datetime

    @property
    def holdout(self) -> Arm:
        """Whoever is left sees the plain page."""
        return Arm(key=HOLDOUT, share=100 - sum(arm.share for arm in self.arms))

    @property
    def everyone(self) -> list[Arm]:
        """All arms, the holdout last."""
        return [*self.arms, self.holdout]


def mistakes(session: Session, draft: Draft, parts: Collection[str]) -> dict[str, str]:
    """What is wrong with a draft, a sentence a field. `parts` are those that the page has."""
    errors: dict[str, str] = {}
    if not draft.name or len(draft.name) > LONGEST_NAME:
        errors["name"] = _("Please write a name of at most %(count)s characters.", count=80)
    if not 1 <= len(draft.arms) <= MOST_ARMS:
        errors["a_share"] = _("Describe at least one version of the page.")
    for arm in draft.arms:
        errors |= _mistakes_of_arm(arm, parts)
    if draft.holdout.share < LEAST_SHARE and "a_share" not in errors:
        errors["a_share"] = _(
            "All versions together may take %(most)s percent; the rest is there to compare with.",
            most=100 - LEAST_SHARE,
        )
    return errors | _mistakes_of_size(session, draft)


def _mistakes_of_size(session: Session, draft: Draft) -> dict[str, str]:
    errors: dict[str, str] = {}
    if draft.window_days not in WINDOWS:
        errors["window_days"] = _("Choose one of the days on offer.")
    if not 0 < draft.usual < 10_000:
        errors["usual"] = _("Write a share between 0 and 100 percent.")
    elif not 0 < draft.difference < 10_000 - draft.usual:
        errors["difference"] = _("Write a difference that fits between this share and 100 percent.")
    if draft.ends_at <= now(session):
        errors["ends_on"] = _("Choose a day that is still to come.")
    return errors


def _mistakes_of_arm(arm: Arm, parts: Collection[str]) -> dict[str, str]:
    if not set(arm.parts) <= set(parts) or not arm.parts:
        return {f"{arm.key}_parts": _("Choose at least one thing to show.")}
    if arm.share < LEAST_SHARE:
        return {f"{arm.key}_share": _("Write a share of at least %(least)s percent.", least=5)}
    return {}


def save(
    session: Session,
    page: str,
    draft: Draft,
    parts: Collection[str],
    experiment_id: int | None = None,
) -> Experiment:
    """Keep a draft. Raises `Invalid` with a sentence a field, `Conflict` once it has begun."""
    if errors := mistakes(session, draft, parts):
        raise Invalid(errors)
    if experiment_id is None:
        found = Experiment(
            shop_id=session.info["shop_id"], page=page, state="draft", salt=secrets.token_hex(16)
        )
    else:
        found = _in_state(session, experiment_id, "draft")
    found.name, found.window_days = draft.name, draft.window_days
    found.usual, found.difference, found.ends_at = draft.usual, draft.difference, draft.ends_at
    found.arms = msgspec.to_builtins(draft.everyone)
    session.add(found)
    session.flush()
    return found


def needed(found: Experiment) -> dict[str, int]:
    """How many people an experiment takes, by arm: as it was worked out at its start, or would."""
    if found.needed:
        return dict(found.needed)
    return rules.sizes(rules.arms_of(found.arms), found.usual / 10_000, found.difference / 10_000)


def start(session: Session, experiment_id: int, staff: str) -> None:
    """Let people in from now on. Raises `Invalid` while another one runs or the end is past."""
    found = _in_state(session, experiment_id, "draft")
    if queries.place(session, found.page, None).running is not None:
        raise Invalid({"start": _("Another experiment runs on this page. Stop it first.")})
    if found.ends_at <= now(session):
        raise Invalid({"start": _("Its last day is past. Choose another one first.")})
    found.needed = needed(found)
    found.state, found.started_at, found.started_by = "running", now(session), staff
    session.flush()


def stop(session: Session, experiment_id: int, staff: str) -> None:
    """Everybody sees the usual page again. What is known by then is frozen; what is not ready will
    not be concluded unless its size or date had been reached."""
    found = _in_state(session, experiment_id, "running")
    found.state, found.stopped_at, found.stopped_by = "stopped", now(session), staff
    session.flush()
    _freeze(session, found)


def _freeze(session: Session, found: Experiment) -> None:
    far = queries.progress(session, found)
    if found.result is None and far.ready and far.full_at is not None:
        found.result = figures.frozen(figures.tallies(session, found, far.full_at))
    session.flush()


def apply(session: Session, experiment_id: int, arm: str) -> None:
    """Make an arm what everybody sees, in place of what was before."""
    found = _in_state(session, experiment_id, "stopped")
    if arm not in {one.key for one in rules.arms_of(found.arms)}:
        raise Invalid({"arm": _("Choose one of its versions.")})
    withdraw(session, found.page)
    _freeze(session, found)
    found.applied, found.applied_at = arm, now(session)
    session.flush()


def withdraw(session: Session, page: str) -> None:
    """The page as it is without any experiment."""
    for one in queries.experiments(session, page):
        one.applied = one.applied_at = None
    session.flush()


def remove(session: Session, experiment_id: int) -> None:
    """Throw a draft away; what ran stays for good."""
    session.delete(_in_state(session, experiment_id, "draft"))
    session.flush()


def _in_state(session: Session, experiment_id: int, state: str) -> Experiment:
    found = queries.experiment(session, experiment_id)
    session.refresh(found, with_for_update=True)
    if found.state != state:
        raise Conflict
    return found


# --- taking part --------------------------------------------------------------------------------


def join(session: Session, found: Experiment, order: Order) -> Arm | None:
    """The arm of whoever placed an order, for good: noted with the first page they see it on. None
    for orders from before the start or after the end."""
    begun = found.started_at is not None and order.placed_at >= found.started_at
    if not begun or order.test or now(session) >= found.ends_at:
        return None
    subject = rules.subject(found.salt, queries.person_of(order))
    arm = rules.assigned(subject, rules.arms_of(found.arms))
    session.execute(
        insert(ExperimentVisitor)
        .values(
            shop_id=found.shop_id,
            experiment_id=found.id,
            subject=subject,
            arm=arm.key,
            order_id=order.id,
            exposed_at=now(session),
        )
        .on_conflict_do_nothing()
    )
    return arm


# --- the person ---------------------------------------------------------------------------------


def erase_person(session: Session, customer: Customer) -> int:
    """Forget that somebody took part, whatever came of it; figures that were frozen name nobody.
    Returns how many rows went."""
    mine = select(Order.id).where(Order.customer_id == customer.id)
    gone = session.execute(
        delete(ExperimentVisitor)
        .where(ExperimentVisitor.order_id.in_(mine))
        .returning(ExperimentVisitor.id)
    )
    return len(gone.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """In which experiments a person took part, and what they saw."""
    rows = session.execute(
        select(Experiment, ExperimentVisitor)
        .join(
            ExperimentVisitor,
            (ExperimentVisitor.shop_id == Experiment.shop_id)
            & (ExperimentVisitor.experiment_id == Experiment.id),
        )
        .join(
            Order,
            (Order.shop_id == ExperimentVisitor.shop_id) & (Order.id == ExperimentVisitor.order_id),
        )
        .where(Order.customer_id == customer.id)
        .order_by(ExperimentVisitor.id)
    )
    return [
        {
            "experiment": found.name,
            "saw": list(next(a.parts for a in rules.arms_of(found.arms) if a.key == visitor.arm)),
            "arm": visitor.arm,
            "since": visitor.exposed_at,
        }
        for found, visitor in rows
    ]
