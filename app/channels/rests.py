"""Which ways out are being left alone, as all processes of the host know it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.channels.model import ChannelRest
from app.core.db import dispatching
from app.core.runtime import runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rest:
    """A way out that is left alone for `left` more seconds, after a rest of `seconds`."""

    left: float
    seconds: float
    reason: str


class Rests:
    """The rows of `channel_rests`. Without the database each process goes by what it knows itself:
    what became of a message matters more than sparing the next one a time-out."""

    def all(self) -> dict[str, Rest] | None:
        """Every rest by its road; None when it cannot be read."""
        left = func.extract("epoch", ChannelRest.until - func.clock_timestamp())
        try:
            with dispatching() as session:
                rows = session.execute(
                    select(ChannelRest.road, left, ChannelRest.seconds, ChannelRest.reason)
                ).all()
        except SQLAlchemyError as error:
            log.warning("rests_not_read", error=type(error).__name__)
            return None
        return {row[0]: Rest(float(row[1]), row[2], row[3]) for row in rows}

    def keep(self, road: str, rest: Rest) -> None:
        """Tell the others to leave a road alone."""
        until = func.clock_timestamp() + timedelta(seconds=rest.left)
        said = {"until": until, "seconds": rest.seconds, "reason": rest.reason[:200]}
        statement = insert(ChannelRest).values(road=road, **said)
        self._write(statement.on_conflict_do_update(index_elements=["road"], set_=said))

    def forget(self, road: str) -> None:
        """Tell the others that a road is open."""
        self._write(delete(ChannelRest).where(ChannelRest.road == road))

    def _write(self, statement: object) -> None:
        try:
            with dispatching() as session:
                session.execute(statement)  # type: ignore[call-overload]
        except SQLAlchemyError as error:
            log.warning("rest_not_written", error=type(error).__name__)


def name_of(url: str) -> str:
    """What a road is called where its password must not stand."""
    key = runtime().settings.secret_keys[0].encode()
    return hmac.new(key, url.encode(), hashlib.sha256).hexdigest()
