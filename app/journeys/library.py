"""A shop's journeys: the presets that ship, and over them the versions it made its own."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.together import Question, Rows
from app.journeys.definitions import Definition, WrongDefinition, presets, read_own
from app.journeys.model import JourneyDefinition, JourneyRun, JourneySwitch

log = structlog.get_logger(__name__)

#: Where a unit of work keeps the shop's journeys once it has read them.
_KEPT = "journeys"


def definitions(session: Session) -> dict[str, Definition]:
    """Every journey of the bound shop as new runs follow it, in the order they are shown in."""
    kept: dict[str, Definition] | None = session.info.get(_KEPT)
    if kept is None:
        found = {**presets(), **{row.journey: one for row, one in _live(session)}}
        kept = dict(sorted(found.items(), key=lambda item: item[1].position))
        session.info[_KEPT] = kept
    return kept


def definition(session: Session, journey: str) -> Definition:
    """The journey as new runs follow it; raises `NotFound`."""
    found = definitions(session).get(journey)
    if found is None:
        raise NotFound
    return found


def definition_of(session: Session, run: JourneyRun) -> Definition | None:
    """The definition that a run follows: the version it entered with or was moved to; None when
    its journey exists no more."""
    if run.definition_id is None:
        return presets().get(run.journey)
    row = session.get(JourneyDefinition, (session.info["shop_id"], run.definition_id))
    return read_own(row.body) if row is not None else None


def own_version(session: Session, journey: str) -> JourneyDefinition | None:
    """The shop's own version that new runs follow; None while they follow the preset."""
    return session.scalars(
        select(JourneyDefinition).where(
            JourneyDefinition.journey == journey, JourneyDefinition.state == "live"
        )
    ).one_or_none()


def forget(session: Session) -> None:
    """Read the shop's journeys afresh the next time: they have just changed."""
    session.info.pop(_KEPT, None)


def switched_on(session: Session) -> list[tuple[Definition, datetime]]:
    """The journeys that are on, as new runs follow them, and since when: in one statement."""
    return switched_on_of(SWITCHED_ON.ask(session, {}))


SWITCHED_ON = Question(
    select(JourneySwitch.journey, JourneySwitch.switched_on_at, JourneyDefinition)
    .outerjoin(
        JourneyDefinition,
        (JourneyDefinition.shop_id == JourneySwitch.shop_id)
        & (JourneyDefinition.journey == JourneySwitch.journey)
        & (JourneyDefinition.state == "live"),
    )
    .where(JourneySwitch.switched_on_at.is_not(None))
)


#: The versions that the shop made its own and that new runs follow.
OWN = Question(select(JourneyDefinition).where(JourneyDefinition.state == "live"))


def switched_on_of(rows: Rows) -> list[tuple[Definition, datetime]]:
    """What the answer to `SWITCHED_ON` says."""
    found = [(_readable(own) or presets().get(journey), since) for journey, since, own in rows]
    return [(one, since) for one, since in found if one is not None and since is not None]


def _live(session: Session) -> list[tuple[JourneyDefinition, Definition]]:
    found = ((row, _readable(row)) for (row,) in OWN.ask(session, {}))
    return [(row, one) for row, one in found if one is not None]


def _readable(row: JourneyDefinition | None) -> Definition | None:
    """It was fine when it was published; when a later Okaeri lacks something it names, the preset
    stands in, if there is one, and nobody else's journeys stop for it."""
    if row is None:
        return None
    try:
        return read_own(row.body)
    except WrongDefinition as error:
        log.error("journey_unreadable", shop_id=row.shop_id, id=row.id, why=str(error))
        return None
