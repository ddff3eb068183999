"""Dry runs: journeys switched on in imagination over the last ninety days, as a job in slices.

Nothing is sent and nobody is assumed to act on a message. Consent counts as it stands today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.locale import gettext as _
from app.core.queue import ring
from app.journeys import histories, people, tally
from app.journeys.definitions import Definition
from app.journeys.history import Shelf
from app.journeys.library import definitions
from app.journeys.model import DryRun
from app.mirror.model import Order

SPAN = timedelta(days=90)
#: So many orders are walked in one transaction: about a second of work.
SLICE = 500
#: So many live at once: of more, Python's collector looks at each again and again (measured: a
#: thousand cost a tenth more).
TOGETHER = 250
#: Results that are kept; older ones make room.
KEPT = 5


def ask(session: Session, journeys: Sequence[str], staff: str | None) -> DryRun:
    """Have journeys imagined over the last ninety days; raises `Invalid` when none is chosen."""
    known = [key for key in definitions(session) if key in set(journeys)]
    if not known:
        raise Invalid({"journeys": _("Choose at least one journey.")})
    asked = DryRun(
        shop_id=session.info["shop_id"],
        journeys=known,
        since=now(session) - SPAN,
        until=now(session),
        asked_by=staff,
        due_at=now(session),
    )
    session.add(asked)
    session.flush()
    asked.total = len(_persons(session, asked))
    _forget(session)
    ring(session, "journeys.imagine")
    return asked


def one(session: Session, run_id: int) -> DryRun:
    """A dry run; raises `NotFound`."""
    found = session.get(DryRun, (session.info["shop_id"], run_id))
    if found is None:
        raise NotFound
    return found


def newest(session: Session) -> list[DryRun]:
    """The dry runs that are kept, the newest first."""
    return list(session.scalars(select(DryRun).order_by(DryRun.id.desc()).limit(KEPT)))


def work(session: Session, asked: DryRun) -> None:
    """Walk the next slice of people; the row goes back to the queue until all are walked."""
    persons = _persons(session, asked)
    asked.total = len(persons)
    counted, end = tally.load(asked.result), asked.done
    shelf, until = histories.open_shelf(session), counted.orders + SLICE
    while end < len(persons) and counted.orders < until:
        begin, end = end, _reach(persons, end, min(TOGETHER, until - counted.orders))
        _walk(session, asked, persons[begin:end], shelf, counted)
    asked.done, asked.result = end, msgspec.to_builtins(counted)
    if end < len(persons):
        asked.state, asked.due_at, asked.attempts = "scheduled", now(session), 0
    else:
        asked.finished_at = now(session)


def _reach(persons: Sequence[Sequence[int]], begin: int, orders: int) -> int:
    """Where so many orders end, counted from a person on: nobody's orders are torn apart."""
    end = begin
    while end < len(persons) and orders > 0:
        orders -= len(persons[end])
        end += 1
    return end


def _walk(
    session: Session,
    asked: DryRun,
    taken: Sequence[Sequence[int]],
    shelf: Shelf,
    counted: tally.Tally,
) -> None:
    found = histories.read(session, [each for some in taken for each in some], shelf)
    by_order = {history.order.id: history for history in found}
    persons = [[by_order[each] for each in some] for some in taken]
    imagined = people.everyone(session, persons, _chosen(session, asked), asked.until)
    tally.count(counted, imagined, len(found), shelf.shop.timezone, asked.until)


def _chosen(session: Session, asked: DryRun) -> list[Definition]:
    return [found for key, found in definitions(session).items() if key in asked.journeys]


def _persons(session: Session, asked: DryRun) -> list[list[int]]:
    """The orders of the span, each person's together: in the same order at every slice."""
    who = func.coalesce(Order.customer_id, -Order.id)
    rows = session.execute(
        select(who, Order.id)
        .where(Order.placed_at > asked.since, Order.placed_at <= asked.until)
        .order_by(who, Order.placed_at, Order.id)
    )
    found: dict[int, list[int]] = {}
    for person, order_id in rows:
        found.setdefault(person, []).append(order_id)
    return list(found.values())


def _forget(session: Session) -> None:
    keep = select(DryRun.id).order_by(DryRun.id.desc()).limit(KEPT)
    session.execute(delete(DryRun).where(DryRun.id.not_in(keep)))
