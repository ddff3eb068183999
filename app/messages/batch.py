"""One job's worth of sending: claimed messages go out on their roads, and none that hangs keeps
the others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from functools import partial

import structlog

from app.channels.base import Bounced, Channel, InDoubt, Receipt
from app.core.claim import BATCH, BATCH_SECONDS, Claim, Claimer
from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.keeping import Kept
from app.core.runtime import runtime
from app.messages import outbox, outcomes
from app.messages.model import Message
from app.messages.roads import Road, Roads

log = structlog.get_logger(__name__)

ROADS = Roads()


class Batch:
    """Sends what is due on a lane until nothing is, or its time is over."""

    def __init__(self, lane: str) -> None:
        self._lane = lane
        self._until = time.monotonic() + BATCH_SECONDS
        self._kept = Kept()
        #: The road that each shop's messages take, as far as it has been seen.
        self._roads: dict[int, Road] = {}

    def run(self) -> bool:
        """Send; whether there may be more."""
        more, claimer = True, Claimer(Message, lane=self._lane, fair=True)
        try:
            while more and self._in_time():
                claims = claimer.take()
                # A claim that was not filled took all there was; what falls due meanwhile rings.
                more = len(claims) == BATCH
                left = self._send_all(deque(claims))
                more = more or bool(left)
                outbox.release(left)
        finally:
            ROADS.settle()
            for channel in runtime().channels.values():
                channel.close()
        return more

    def _in_time(self) -> bool:
        return time.monotonic() < self._until

    def _send_all(self, waiting: deque[Claim]) -> list[Claim]:
        """Send what can be sent in time; answers the rest."""
        while waiting and self._in_time():
            waiting = deque(mine for mine in self._send_who_can(waiting) if not self._hangs(mine))
            seen = [self._roads[mine.shop_id] for mine in waiting if mine.shop_id in self._roads]
            if seen:
                ROADS.wait(seen, self._until)
        return list(waiting)

    def _send_who_can(self, waiting: deque[Claim]) -> list[Claim]:
        """Go through them once, the earliest first; answers those whose road was full."""
        aside = []
        while waiting and self._in_time():
            mine = waiting.popleft()
            road = self._roads.get(mine.shop_id)
            if (road and not ROADS.has_room(road)) or not self._send_one(mine):
                aside.append(mine)
        return [*aside, *waiting]

    def _hangs(self, mine: Claim) -> bool:
        """Whether its road hangs; it is then left alone for a few seconds."""
        road = self._roads.get(mine.shop_id)
        if road is None or not ROADS.hangs(road):
            return False
        with unit_of_work(mine.shop_id) as session:
            outbox.lay_aside(session, mine)
        return True

    def _send_one(self, mine: Claim) -> bool:
        """One message; whatever goes wrong ends up on its row and stops no other. False when its
        road is full."""
        try:
            with unit_of_work(mine.shop_id, keeping=self._kept) as session:
                leaving = outbox.intend(session, mine, ROADS.has_room)
        except outbox.Full as error:
            self._roads[mine.shop_id] = error.road
            return False
        except Exception as error:  # the worker's edge: the row carries the reason on
            log.exception("intent_failed", shop_id=mine.shop_id, id=mine.id)
            with unit_of_work(mine.shop_id) as session:
                outbox.stumble(session, mine, f"{type(error).__name__}: {error}")
            return True
        if leaving is not None:
            self._roads[mine.shop_id] = leaving.road
            # The app and what the log says of this job go along.
            ROADS.take(leaving.road, partial(copy_context().run, self._travel, mine, leaving))
        return True

    def _travel(self, mine: Claim, leaving: outbox.Leaving) -> None:
        """On the road's thread: the wire, with no transaction open, then what came of it."""
        started, channel = machine_now(), leaving.channel
        try:
            note = hand_over(runtime().channels[channel], leaving)
            with unit_of_work(mine.shop_id, keeping=self._kept) as session:
                note(session, mine, started)
        except Exception:  # the thread's edge: the sweep finds the row and calls it in doubt
            log.exception("outcome_not_kept", shop_id=mine.shop_id, id=mine.id)


#: What to write down of an attempt: `(session, claim, when it began)`.
Note = Callable[..., None]


def hand_over(channel: Channel, leaving: outbox.Leaving) -> Note:
    """Try the channel; what to write down of it."""
    try:
        receipt: Receipt = channel.send(leaving.envelope)
    except TryLater as error:
        return _noting(outcomes.postpone, str(error), error.seconds)
    except Bounced as error:
        return _noting(outcomes.bounce, str(error))
    except GiveUp as error:
        return _noting(outcomes.give_up, str(error))
    except InDoubt as error:
        return _noting(outcomes.doubt, str(error))
    return _noting(outcomes.finish, receipt.detail)


def _noting(outcome: Note, *said: object) -> Note:
    def note(session: object, mine: Claim, started: datetime) -> None:
        outcome(session, mine, started, *said)

    return note
