"""Dry runs: journeys switched on in imagination over the last ninety days.

Nothing is sent and nobody is assumed to act on a message. Consent counts as it stands today. What
one person gets hangs on nobody else, so a dry run is cut into parts by person: any number of
workers walk them at once, and their counts add up to the same whichever way it was cut (decision
0031).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, delete, func, or_, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.locale import gettext as _
from app.core.queue import ring
from app.journeys import histories, people, tally
from app.journeys.definitions import Definition
from app.journeys.library import definitions
from app.journeys.model import DryRun, DryRunPart
from app.mirror.model import Order

SPAN = timedelta(days=90)
#: So many orders are walked in one transaction: about a second of work. (Python's collector looks
#: at everything that lives again and again: of four times as many each would cost a tenth more.)
SLICE = 250
#: So many parts of one dry run are due at once. The others wait for one of these to be done, so
#: that a big shop's thousands do not stand before everybody else's.
AT_ONCE = 8
#: Results that are kept; older ones make room.
KEPT = 5

#: Who an order belongs to: a customer, or a guest who is known by it alone.
WHO = func.coalesce(Order.customer_id, -Order.id)


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
    asked.total = session.scalar(select(func.count(WHO.distinct())).where(_of_span(asked))) or 0
    session.add(asked)
    session.flush()
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


def state_of(session: Session, asked: DryRun) -> str:
    """`running`, `done`, or `failed`: with a part that nobody could walk it never ends."""
    if asked.finished_at is not None:
        return "done"
    stuck = select(DryRunPart.id).where(
        DryRunPart.dry_run_id == asked.id, DryRunPart.state == "failed"
    )
    failed = asked.state == "failed" or session.scalar(stuck.limit(1)) is not None
    return "failed" if failed else "running"


def cut(session: Session, asked: DryRun) -> None:
    """Cut a dry run into parts of about `SLICE` orders; nobody's orders are torn apart. What is the
    same for the whole shop is measured here, once for all of them."""
    asked.basis = msgspec.to_builtins(histories.measure(session, asked.until))
    asked.total, asked.done, asked.result = 0, 0, {}
    for number, (first, last, persons) in enumerate(session.execute(_slices(asked)).all()):
        part = DryRunPart(
            shop_id=asked.shop_id, dry_run_id=asked.id, first=first, last=last, people=persons
        )
        part.due_at = now(session) if number < AT_ONCE else None
        session.add(part)
        asked.total += persons
    if asked.total:
        # From here on it waits for its parts.
        asked.state, asked.due_at = "scheduled", None
    else:
        asked.finished_at = now(session)


def walk(session: Session, part: DryRunPart) -> None:
    """Imagine the people of one part and add what is found to the whole."""
    asked, counted = one(session, part.dry_run_id), tally.Tally()
    basis = msgspec.convert(asked.basis, histories.Basis)
    shelf, persons = histories.open_shelf(session, basis), _persons(session, asked, part)
    found = histories.read(session, [each for some in persons for each in some], shelf)
    by_order = {history.order.id: history for history in found}
    theirs = [[by_order[each] for each in some] for some in persons]
    imagined = people.everyone(session, theirs, _chosen(session, asked), asked.until)
    tally.count(counted, imagined, len(found), shelf.shop.timezone, asked.until)
    _add(session, asked, part, counted)


def _add(session: Session, asked: DryRun, part: DryRunPart, counted: tally.Tally) -> None:
    """Whoever is done adds in turn; the last one closes."""
    session.refresh(asked, with_for_update=True)
    whole = tally.load(asked.result)
    tally.add(whole, counted)
    asked.done, asked.result = asked.done + part.people, msgspec.to_builtins(whole)
    if asked.done >= asked.total:
        asked.state, asked.finished_at = "done", now(session)
    else:
        _call_next(session, asked)


def _call_next(session: Session, asked: DryRun) -> None:
    waiting = session.scalar(
        select(DryRunPart)
        .where(
            DryRunPart.dry_run_id == asked.id,
            DryRunPart.state == "scheduled",
            DryRunPart.due_at.is_(None),
        )
        .order_by(DryRunPart.id)
        .limit(1)
    )
    if waiting is not None:
        waiting.due_at = now(session)
        ring(session, "journeys.imagine")


def _chosen(session: Session, asked: DryRun) -> list[Definition]:
    return [found for key, found in definitions(session).items() if key in asked.journeys]


def _slices(asked: DryRun) -> Select[int, int, int]:
    """The first and the last person of each part, and how many there are."""
    buyers = select(WHO.label("who"), func.count().label("orders"))
    buyers_of = buyers.where(_of_span(asked)).group_by(WHO).subquery()
    before = func.sum(buyers_of.c.orders).over(order_by=buyers_of.c.who) - buyers_of.c.orders
    numbered = select(buyers_of.c.who, (cast(before, BigInteger) // SLICE).label("part")).subquery()
    who = numbered.c.who
    return (
        select(func.min(who), func.max(who), func.count())
        .group_by(numbered.c.part)
        .order_by(numbered.c.part)
    )


def _persons(session: Session, asked: DryRun, part: DryRunPart) -> list[list[int]]:
    """The orders of a part, each person's together, in the order of time."""
    theirs = or_(
        Order.customer_id.between(part.first, part.last),
        and_(Order.customer_id.is_(None), Order.id.between(-part.last, -part.first)),
    )
    rows = session.execute(
        select(WHO, Order.id)
        .where(_of_span(asked), theirs)
        .order_by(WHO, Order.placed_at, Order.id)
    )
    found: dict[int, list[int]] = {}
    for person, order_id in rows:
        found.setdefault(person, []).append(order_id)
    return list(found.values())


def _of_span(asked: DryRun) -> ColumnElement[bool]:
    return and_(Order.placed_at > asked.since, Order.placed_at <= asked.until)


def _forget(session: Session) -> None:
    """Older results go, parts first: that is the order in which a worker takes its locks."""
    kept = select(DryRun.id).order_by(DryRun.id.desc()).limit(KEPT)
    session.execute(delete(DryRunPart).where(DryRunPart.dry_run_id.not_in(kept)))
    session.execute(delete(DryRun).where(DryRun.id.not_in(kept)))
