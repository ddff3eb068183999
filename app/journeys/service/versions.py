"""A shop's own versions of journeys: written, published, brought in as files, given back."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import gettext as _
from app.core.queue import ring
from app.journeys.definitions import Definition, Mistake, WrongDefinition, dangling, presets, read
from app.journeys.library import definition, definitions, forget
from app.journeys.model import JourneyDefinition, JourneyRun
from app.journeys.queries import LIVE
from app.journeys.service.switches import switch_off


def check(session: Session, text: str, place: str = "") -> Definition:
    """The definition a text says; raises `WrongDefinition` with every mistake, also for steps of
    other journeys that this shop does not have."""
    found = read(text, place)
    if wrong := dangling(found, definitions(session)):
        raise WrongDefinition(place, wrong)
    return found


def draft(session: Session, journey: str, text: str, who: str) -> None:
    """Keep a text that is still being written, right or wrong; nobody follows it."""
    saved = {"body": text, "saved_at": now(session), "saved_by": who}
    session.execute(
        insert(JourneyDefinition)
        .values(
            shop_id=session.info["shop_id"],
            journey=journey,
            version=0,
            state="draft",
            note="",
            **saved,
        )
        .on_conflict_do_update(index_elements=["shop_id", "journey", "version"], set_=saved)
    )


def discard_draft(session: Session, journey: str) -> None:
    """Throw a draft away."""
    session.execute(
        delete(JourneyDefinition).where(
            JourneyDefinition.journey == journey, JourneyDefinition.state == "draft"
        )
    )


def publish(
    session: Session, journey: str, text: str, who: str, *, move_running: bool, note: str = ""
) -> Definition:
    """Make a text the shop's version of a journey. New runs follow it; those on their way finish
    on their own version, or are moved (`move_running`): a moved run keeps the steps it took, by
    their keys, and looks again at once. Raises `WrongDefinition`."""
    found = check(session, text, journey)
    if found.key != journey:
        reason = _("the journey is called %(name)s", name=repr(journey))
        raise WrongDefinition(journey, [Mistake("key", reason)])
    _retire(session, journey)
    discard_draft(session, journey)
    row = JourneyDefinition(
        shop_id=session.info["shop_id"],
        journey=journey,
        version=_next_version(session, journey),
        state="live",
        body=text,
        note=note,
        saved_at=now(session),
        saved_by=who,
        published_at=now(session),
    )
    session.add(row)
    session.flush()
    forget(session)
    if move_running:
        _move(session, journey, row.id, row.version)
    return found


def import_definition(session: Session, text: str, who: str) -> Definition:
    """Publish a file: a new journey of the shop's own, switched off, or a new version of one it
    has. Raises `WrongDefinition`."""
    found = check(session, text, "import")
    return publish(session, found.key, text, who, move_running=False)


def follow_preset(session: Session, journey: str, *, move_running: bool) -> None:
    """Give the shop's own version back: new runs follow the preset again. A journey that never
    shipped is switched off and goes. Raises `NotFound`."""
    definition(session, journey)
    if journey not in presets():
        switch_off(session, journey)
    discard_draft(session, journey)
    _retire(session, journey)
    forget(session)
    if move_running and journey in presets():
        _move(session, journey, None, presets()[journey].version)


def draft_of(session: Session, journey: str) -> str:
    """The text of a draft; raises `NotFound`."""
    found = session.scalars(
        select(JourneyDefinition.body).where(
            JourneyDefinition.journey == journey, JourneyDefinition.state == "draft"
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _retire(session: Session, journey: str) -> None:
    session.execute(
        update(JourneyDefinition)
        .where(JourneyDefinition.journey == journey, JourneyDefinition.state == "live")
        .values(state="old")
    )


def _next_version(session: Session, journey: str) -> int:
    """One more than every version there was, the shipped one's too."""
    highest = session.scalar(
        select(func.max(JourneyDefinition.version)).where(JourneyDefinition.journey == journey)
    )
    shipped = presets()[journey].version if journey in presets() else 0
    return max(highest or 0, shipped) + 1


def _move(session: Session, journey: str, definition_id: int | None, version: int) -> None:
    session.execute(
        update(JourneyRun)
        .where(JourneyRun.journey == journey, JourneyRun.state.in_(LIVE))
        .values(definition_id=definition_id, version=version)
    )
    session.execute(
        update(JourneyRun)
        .where(JourneyRun.journey == journey, JourneyRun.state == "scheduled")
        .values(due_at=now(session))
    )
    ring(session, "journeys.tick")
