"""Reads of journeys: what is on, who is on the way, what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.keeping import kept
from app.core.locale import gettext as _
from app.journeys.conditions import holding
from app.journeys.definitions import (
    Definition,
    Step,
    Words,
    condition,
    missing,
    preset_text,
    presets,
    wrong_words,
)
from app.journeys.facts import facts_of, is_digital, is_gift, steps_of
from app.journeys.known import Known
from app.journeys.library import definition, definition_of, definitions
from app.journeys.model import JourneyDefinition, JourneyRun, JourneySwitch, JourneyTask
from app.journeys.refusals import refusal
from app.journeys.rules import Planned, plan
from app.journeys.subjects import Subject, subjects_of
from app.journeys.words import answer_titles, condition_words
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.parcels import queries as parcels

__all__ = [
    "Definition",
    "Planned",
    "Step",
    "definition",
    "definition_of",
    "definitions",
    "is_digital",
    "is_gift",
    "missing",
    "presets",
]

_NOBODY = Words(ja="", en="")

#: A run in one of these states may still do something.
LIVE = ("scheduled", "claimed")


_SWITCHES = select(JourneySwitch.journey, JourneySwitch.switched_on_at)


def switches(session: Session) -> dict[str, datetime | None]:
    """Every journey and since when it is on; None for off."""
    known = {row.journey: row.switched_on_at for row in session.execute(_SWITCHES)}
    return {key: known.get(key) for key in definitions(session)}


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
    positions = {key: one.position for key, one in definitions(session).items()}
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
    found = definition_of(session, run)
    if found is None or run.state not in LIVE:
        return []
    return plan(found, facts_of(session, run, found, with_hopes=True), taken(run))


@dataclass(frozen=True)
class Forecast:
    """A step of a journey that was not entered yet, and the line it would be about."""

    definition: Definition
    planned: Planned
    line: OrderLine | None


def forecast(session: Session, order: Order) -> list[Forecast]:
    """What will come of journeys the order has not entered yet but will, if all goes well: those
    that wait for its parcel to be shipped or delivered."""
    entered = {run.journey for run in runs_of(session, order.id)}
    on = kept(session, "journeys.switches", lambda: switches(session))
    found: list[Forecast] = []
    for one in definitions(session).values():
        later = one.starts not in ("ordered", "subscribed") and one.key not in entered
        if later and on[one.key] and _still_comes(session, one, order):
            found += _forecast(session, one, order)
    return found


def _still_comes(session: Session, one: Definition, order: Order) -> bool:
    """Whether the moment that enters a journey lies ahead of an order: its payment, or what
    happens to its parcels."""
    if one.starts == "paid" or is_digital(mirror.order_lines(session, order.id)):
        return one.starts in ("paid", "received") and mirror.awaits_payment(order)
    return True


def _forecast(session: Session, one: Definition, order: Order) -> list[Forecast]:
    found: list[Forecast] = []
    for subject in subjects_of(session, one, order, None, hoped_for=True):
        if refusal(session, one, order, subject):
            continue
        facts = facts_of(session, _hypothetical(one, order, subject), one, with_hopes=True)
        found += [Forecast(one, planned, subject.line) for planned in plan(one, facts, {})]
    return found


def _hypothetical(definition: Definition, order: Order, subject: Subject) -> JourneyRun:
    """A run that nobody entered; never added to a session."""
    return JourneyRun(
        journey=definition.key,
        subject=subject.name,
        order_id=order.id,
        subject_ids=dict(subject.ids),
        steps={},
        round=0,
    )


def taken(run: JourneyRun) -> dict[str, datetime]:
    """The steps of its round that a run took and when; a skipped step is taken, too."""
    return {key: datetime.fromisoformat(str(one["at"])) for key, one in steps_of(run).items()}


def name_of(session: Session, key: str) -> str:
    """The journey's name in the current language, the shop's own journeys' too."""
    found = definitions(session).get(key)
    return str(found.name) if found else key


# --- versions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """One of a shop's own versions of a journey. `runs` are on their way on it."""

    id: int
    version: int
    state: str
    body: str
    note: str
    saved_at: datetime
    saved_by: str
    published_at: datetime | None
    runs: int


def versions(session: Session, journey: str) -> list[Version]:
    """A shop's own versions of a journey, the draft first, then the newest; empty while it
    follows the preset and never edited."""
    running = _running_on(session, journey)
    rows = session.scalars(
        select(JourneyDefinition)
        .where(JourneyDefinition.journey == journey)
        .order_by(JourneyDefinition.state != "draft", JourneyDefinition.version.desc())
    )
    return [
        Version(
            id=row.id,
            version=row.version,
            state=row.state,
            body=row.body,
            note=row.note,
            saved_at=row.saved_at,
            saved_by=row.saved_by,
            published_at=row.published_at,
            runs=running.get(row.id, 0),
        )
        for row in rows
    ]


def _running_on(session: Session, journey: str) -> dict[int | None, int]:
    rows = session.execute(
        select(JourneyRun.definition_id, func.count())
        .where(JourneyRun.journey == journey, JourneyRun.state.in_(LIVE))
        .group_by(JourneyRun.definition_id)
    )
    return {number: int(count) for number, count in rows}


def export_definition(session: Session, journey: str) -> str:
    """The journey as new runs follow it, as a TOML file; raises `NotFound`."""
    own = session.scalars(
        select(JourneyDefinition.body).where(
            JourneyDefinition.journey == journey, JourneyDefinition.state == "live"
        )
    ).one_or_none()
    if own is not None:
        return own
    if journey not in presets():
        raise NotFound
    return preset_text(journey)


# --- tasks --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """Something to do for a customer. `title` and `text` speak the current language."""

    id: int
    journey: str
    order_id: int | None
    customer_id: int | None
    title: Words
    text: Words
    due_on: date
    state: str
    given_at: datetime
    closed_at: datetime | None
    closed_by: str | None


def open_tasks(session: Session, limit: int = 200) -> list[Task]:
    """What is still to be done, the most urgent first."""
    rows = session.scalars(
        select(JourneyTask)
        .where(JourneyTask.state == "open")
        .order_by(JourneyTask.due_on, JourneyTask.id)
        .limit(limit)
    )
    return [as_task(row) for row in rows]


def closed_tasks(session: Session, limit: int = 50) -> list[Task]:
    """What was done lately, the newest first."""
    rows = session.scalars(
        select(JourneyTask)
        .where(JourneyTask.state == "done")
        .order_by(JourneyTask.closed_at.desc(), JourneyTask.id.desc())
        .limit(limit)
    )
    return [as_task(row) for row in rows]


def tasks_of(session: Session, order_id: int) -> list[Task]:
    """An order's tasks, open and done, in the order they were given."""
    rows = session.scalars(
        select(JourneyTask).where(JourneyTask.order_id == order_id).order_by(JourneyTask.id)
    )
    return [as_task(row) for row in rows]


def as_task(row: JourneyTask) -> Task:
    """A row as people read it."""
    return Task(
        id=row.id,
        journey=row.journey,
        order_id=row.order_id,
        customer_id=row.customer_id,
        title=Words(**row.title),
        text=Words(**row.text),
        due_on=row.due_on,
        state=row.state,
        given_at=row.given_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


# --- reasons ------------------------------------------------------------------------------------


def reason_text(reason: str, titles: Mapping[str, str] | None = None) -> str:
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
        "muted": _("someone wants this customer left in peace"),
        "muted_here": _("someone stopped this journey for this customer"),
        "ordered_again": _("the customer ordered again"),
        "too_soon": _("the customer was in this journey not long ago"),
        "on_the_way": _("the customer is on the way in this journey already"),
        "replaced": _("another journey does this for the order"),
    }
    if reason.startswith("only:"):
        wanted = condition_words(reason.removeprefix("only:"), titles)
        return _("the journey is only for: %(wanted)s", wanted=wanted)
    return texts.get(reason, reason)


def end_text(session: Session, reason: str) -> str:
    """Why a journey ended, an answer it is for in the shop's own words."""
    return reason_text(reason, answer_titles(session) if "survey:" in reason else None)


def meets(session: Session, order: Order, words: Iterable[str]) -> bool:
    """Whether all these conditions of journeys hold for an order now; no words always do."""
    wanted = tuple(words)
    asked = Definition("", 0, "order", "ordered", _NOBODY, _NOBODY, (), when=wanted)
    lines = mirror.order_lines(session, order.id)
    known = Known(session, asked, order, lines, None, parcels.parcels_of(session, order.id))
    held = holding(known)
    return all((one.word in held) != one.negated for one in map(condition, wanted))


def wrong_conditions(words: Iterable[str]) -> str | None:
    """Why these are no conditions an order could meet, in a sentence; None when they are."""
    return next(iter(wrong_words(words)), None)
