"""Journeys as the merchant sees them: in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.locale import gettext as _
from app.journeys import phases, queries, words
from app.journeys.definitions import Definition, Step, missing, need_text
from app.journeys.library import definitions
from app.messages import queries as messages
from app.shops.service import shop


@dataclass(frozen=True)
class ShownStep:
    """A step in plain words. `action` is `message`, `task`, `split` or `end`."""

    key: str
    title: str
    action: str
    kind: str
    message_class: str
    when: str
    only_for: str
    phase: str
    day: int
    text: str
    off: bool


@dataclass(frozen=True)
class ShownJourney:
    """A journey as the merchant sees it; `needs` says what it waits for, in words."""

    definition: Definition
    since: datetime | None
    live: int
    steps: list[ShownStep]
    needs: list[str]
    only_for: str

    def in_phase(self, name: str) -> list[ShownStep]:
        """The steps of one part of the map."""
        return [step for step in self.steps if step.phase == name]


def all_journeys(session: Session) -> list[ShownJourney]:
    """Every journey."""
    switches, live = queries.switches(session), queries.live_counts(session)
    zone = ZoneInfo(shop(session).timezone)
    return [
        _journey(session, one, switches.get(key), live.get(key, 0), zone)
        for key, one in definitions(session).items()
    ]


def journey(session: Session, key: str) -> ShownJourney:
    """One of them; raises `NotFound`."""
    for one in all_journeys(session):
        if one.definition.key == key:
            return one
    raise NotFound


def _journey(
    session: Session, definition: Definition, since: datetime | None, live: int, zone: ZoneInfo
) -> ShownJourney:
    return ShownJourney(
        definition=definition,
        since=since and since.astimezone(zone),
        live=live,
        steps=[step(session, definition, one) for one in definition.steps],
        needs=[need_text(name) for name in missing(definition)],
        only_for=_only_for(session, definition),
    )


def _only_for(session: Session, definition: Definition) -> str:
    """Whom the whole journey is for, in the words of a step's conditions."""
    first = definition.steps[0]
    whole = msgspec.structs.replace(first, when=definition.when, anchor="ordered")
    return words.condition_text(whole, words.step_titles(definition, session))


def step(session: Session, definition: Definition, one: Step) -> ShownStep:
    """A step in words."""
    titles = words.step_titles(definition, session)
    return ShownStep(
        key=one.key,
        title=titles[one.key],
        action=one.actions[0],
        kind=one.message,
        message_class=messages.kind(one.message).message_class if one.message else "",
        when=words.when_text(one),
        only_for=words.condition_text(one, titles),
        phase=phases.phase_of(definition, one),
        day=phases.day_of(definition, one),
        text=str(one.task.text) if one.task else "",
        off=one.off,
    )


def phase_names() -> dict[str, str]:
    """The parts of the map, as their headings say."""
    return {
        "first": _("Days 0–7"),
        "use": _("Days 7–30"),
        "again": _("Days 30–90"),
        "loyal": _("After 90 days"),
    }
