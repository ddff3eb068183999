"""On and off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.journeys.definitions import missing, need_text, presets
from app.journeys.facts import switched_on_at
from app.journeys.library import definition
from app.journeys.model import JourneyRun, JourneySwitch
from app.journeys.service.ending import end_all
from app.messages import service as messages
from app.messages.model import Message


def switch_on(session: Session, journey: str) -> datetime:
    """Switch a journey on for orders placed from now on; one that is on keeps its beginning.
    Raises `Invalid` with the reason for one that needs what does not exist yet."""
    lacking = missing(definition(session, journey))
    if lacking:
        what = _(", ").join(map(need_text, lacking))
        raise Invalid(
            {"journey": _("It needs something that is not there yet: %(what)s", what=what)}
        )
    since = switched_on_at(session, journey)
    if since is None:
        since = now(session)
        session.execute(
            insert(JourneySwitch)
            .values(shop_id=session.info["shop_id"], journey=journey, switched_on_at=since)
            .on_conflict_do_update(
                index_elements=["shop_id", "journey"], set_={"switched_on_at": since}
            )
        )
    return since


def switch_on_recommended(session: Session) -> list[str]:
    """Switch on the journeys most shops want; returns which."""
    chosen = [key for key, found in presets().items() if found.recommended]
    for key in chosen:
        switch_on(session, key)
    return chosen


def switch_off(session: Session, journey: str) -> None:
    """Switch a journey off: whoever is on the way in it gets nothing more from it."""
    definition(session, journey)
    session.execute(
        update(JourneySwitch).where(JourneySwitch.journey == journey).values(switched_on_at=None)
    )
    end_all(session, "switched_off", journey)
    waiting = select(Message.run_id).where(
        Message.state == "scheduled",
        Message.run_id.in_(select(JourneyRun.id).where(JourneyRun.journey == journey)),
    )
    for run_id in set(session.scalars(waiting)):
        messages.cancel_run(session, run_id or 0, "journey_off")
