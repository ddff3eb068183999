"""Reads of journeys: what is on, who is on the way, what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.locale import gettext as _
from app.journeys.definitions import Definition, Step, presets
from app.journeys.facts import facts_of, is_digital, is_gift, refusal, switched_on_at
from app.journeys.model import JourneyRun, JourneySwitch
from app.journeys.rules import Planned, plan
from app.journeys.subjects import Subject, subjects_of
from app.mirror import queries as mirror
from app.mirror.model import Order

__all__ = ["Definition", "Planned", "Step", "is_digital", "is_gift", "presets"]

#: A run in one of these states may still do something.
LIVE = ("scheduled", "claimed")


def switches(session: Session) -> dict[str, datetime | None]:
    """Every journey and since when it is on; None for off."""
    rows = session.execute(select(JourneySwitch.journey, JourneySwitch.switched_on_at))
    known = {row.journey: row.switched_on_at for row in rows}
    return {key: known.get(key) for key in presets()}


def live_counts(session: Session) -> dict[str, int]:
    """How many runs of each journey are on their way."""
    rows = session.execute(
        select(JourneyRun.journey, func.count().label("number"))
        .where(JourneyRun.state.in_(LIVE))
        .group_by(JourneyRun.journey)
    )
    return {row.journey: row.number for row in rows}


def run(session: Session, run_id: int) -> JourneyRun | None:
    """One run of the bound shop."""
    return session.get(JourneyRun, (session.info["shop_id"], run_id))


def runs_of(session: Session, order_id: int) -> list[JourneyRun]:
    """An order's runs, in the order the journeys are shown in."""
    positions = {key: definition.position for key, definition in presets().items()}
    rows = session.scalars(select(JourneyRun).where(JourneyRun.order_id == order_id))
    return sorted(rows, key=lambda row: (positions.get(row.journey, 999), row.id))


def runs_of_orders(session: Session, order_ids: Iterable[int]) -> Mapping[int, list[JourneyRun]]:
    """Runs by order, for a list of orders."""
    found: dict[int, list[JourneyRun]] = {}
    rows = session.scalars(
        select(JourneyRun).where(JourneyRun.order_id.in_(list(order_ids))).order_by(JourneyRun.id)
    )
    for row in rows:
        found.setdefault(row.order_id or 0, []).append(row)
    return found


def coming(session: Session, run: JourneyRun) -> list[Planned]:
    """The steps a live run is still to take, as things stand now."""
    definition = presets().get(run.journey)
    if definition is None or run.state not in LIVE:
        return []
    return plan(definition, facts_of(session, run, definition, with_hopes=True), taken(run))


@dataclass(frozen=True)
class Forecast:
    """A step of a journey that was not entered yet, and the product it would be about."""

    definition: Definition
    planned: Planned
    product: str


def forecast(session: Session, order: Order) -> list[Forecast]:
    """What will come of journeys the order has not entered yet but will, if all goes well: those
    that wait for its parcel to be shipped or delivered."""
    entered = {run.journey for run in runs_of(session, order.id)}
    lines = mirror.order_lines(session, order.id)
    found: list[Forecast] = []
    for definition in presets().values():
        later = definition.starts != "ordered" and definition.key not in entered
        if not later or is_digital(lines) or not switched_on_at(session, definition.key):
            continue
        for subject in subjects_of(session, definition, order, None, hoped_for=True):
            if refusal(session, definition, order, lines, subject.line):
                continue
            run = _hypothetical(definition, order, subject)
            facts = facts_of(session, run, definition, with_hopes=True)
            product = subject.line.title if subject.line else ""
            found += [Forecast(definition, one, product) for one in plan(definition, facts, {})]
    return found


def _hypothetical(definition: Definition, order: Order, subject: Subject) -> JourneyRun:
    """A run that nobody entered; never added to a session."""
    return JourneyRun(
        journey=definition.key,
        subject=subject.name,
        order_id=order.id,
        subject_ids=dict(subject.ids),
        steps={},
    )


def taken(run: JourneyRun) -> dict[str, datetime]:
    """The steps a run took and when; a skipped step is taken, too."""
    return {key: datetime.fromisoformat(record["at"]) for key, record in run.steps.items()}


def journey_name(key: str) -> str:
    """The journey's name in the current language."""
    definition = presets().get(key)
    return str(definition.name) if definition else key


def reason_text(reason: str) -> str:
    """Why a run ended or a step was left out, as the end of a sentence."""
    texts = {
        "completed": _("everything was sent"),
        "unanswered": _("no answer came"),
        "nothing_sent": _("none of its messages could be sent"),
        "reviewed": _("the customer wrote a review"),
        "reordered": _("the customer ordered again through our link"),
        "bought_again": _("the customer bought it again"),
        "cancelled": _("the order was cancelled"),
        "refunded": _("the order was refunded"),
        "line_refunded": _("the product was returned or taken off the order"),
        "parcel_cancelled": _("the shipment was cancelled"),
        "redacted": _("the customer's data was erased"),
        "uninstalled": _("Okaeri was uninstalled"),
        "switched_off": _("the journey was switched off"),
        "withdrawn": _("the journey no longer exists"),
        "paused": _("everything was paused"),
        "before_switch_on": _("the order was placed before the journey was switched on"),
        "test_order": _("it is a test order"),
        "point_of_sale": _("it was bought in a shop, over the counter"),
        "gift": _("the order is a gift"),
        "stopped": _("someone stopped it here"),
    }
    return texts.get(reason, reason)
