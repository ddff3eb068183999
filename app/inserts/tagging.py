"""Tags for the warehouse: which order is to have which, and since when we may put them there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Event
from app.inserts import queries, rules
from app.inserts.events import TaggingAsked, TagsChanged
from app.inserts.model import InsertTag, InsertTagging
from app.journal.service import record
from app.mirror import queries as mirror
from app.shopify.verify import covers
from app.shops import service as shops
from app.shops.events import ScopesChanged

#: What Shopify asks for before orders can be tagged; our configuration names it as optional.
SCOPE = "write_orders"
#: So many orders are looked at together; a shop with more packs faster than it tags.
MOST = 1_000


class Task(NamedTuple):
    """What is to be done at Shopify about an order (its number there)."""

    order: int
    on: list[str]
    off: list[str]


# --- the switch ---------------------------------------------------------------------------------


def switch(session: Session, staff: str, *, on: bool, declined: bool = False) -> None:
    """Tag from now on, or no longer. A merchant who would not give the right switches it off."""
    found = queries.tagging(session) or InsertTagging(shop_id=session.info["shop_id"])
    found.wanted = on and not declined
    found.switched_at, found.switched_by = now(session), staff[:64]
    found.declined_at = now(session) if declined else None
    session.add(found)
    session.flush()
    if found.wanted:
        record(session, TaggingAsked(occurred_at=now(session)))
    else:
        look_at_all(session)


def granted(session: Session) -> bool:
    """Whether the merchant lets us change orders."""
    return covers(shops.shop(session).scopes or "", SCOPE)


def on_scopes_changed(session: Session, event: ScopesChanged) -> None:
    """The right was given: what waits is tagged. It was taken back: the switch says so."""
    found = queries.tagging(session)
    if found is None:
        return
    if SCOPE in event.lost and found.wanted:
        found.wanted, found.declined_at = False, now(session)
    if SCOPE in event.gained:
        look_at_all(session)


# --- what is to be on an order ------------------------------------------------------------------


def on_order_news(session: Session, event: Event) -> None:
    """Something changed what lies in an order's box, or whether it is still to be packed."""
    if event.order_id is not None and queries.tagging(session) is not None:
        _look(session, [event.order_id])


def look_at_all(session: Session) -> None:
    """What is due now, and what was and no longer is."""
    if queries.tagging(session) is None:
        return
    tagged = session.scalars(select(InsertTag.order_id).where(InsertTag.said != [])).all()
    _look(session, {*tagged, *(box.order.id for box in queries.boxes(session, most=MOST))})


def _look(session: Session, order_ids: Iterable[int]) -> None:
    ids = set(order_ids)
    found = queries.tagging(session)
    on = found is not None and found.wanted
    due = {box.order.id: _tags(box) for box in queries.boxes(session, ids)} if on else {}
    rows = session.scalars(
        select(InsertTag).where(InsertTag.order_id.in_(ids)).with_for_update()
    ).all()
    known = {row.order_id: row for row in rows}
    for order_id in sorted(ids & (due.keys() | known.keys())):
        wanted = due.get(order_id, [])
        row = known.get(order_id) or InsertTag(
            shop_id=session.info["shop_id"], order_id=order_id, wanted=[], said=[]
        )
        row.wanted = wanted
        session.add(row)
        if row.wanted != row.said:
            record(session, TagsChanged(occurred_at=now(session), order_id=order_id))
    session.flush()


def _tags(box: queries.Box) -> list[str]:
    names = [box.card.name] if box.card else []
    return [rules.tag(name) for name in [*names, *([box.extra] if box.extra else [])]]


# --- what is done about it ----------------------------------------------------------------------


def task(session: Session, order_id: int) -> Task | None:
    """What differs at Shopify; None when nothing does, or while we may not change orders."""
    row = _row(session, order_id)
    if row is None or row.wanted == row.said or not granted(session):
        return None
    return Task(
        mirror.order(session, order_id).shopify_id,
        [tag for tag in row.wanted if tag not in row.said],
        [tag for tag in row.said if tag not in row.wanted],
    )


def note(session: Session, order_id: int, done: Task) -> None:
    """Shopify has done it. What was wanted meanwhile has a task of its own."""
    row = _row(session, order_id)
    if row is not None:
        row.said = [*(tag for tag in row.said if tag not in done.off), *done.on]


def _row(session: Session, order_id: int) -> InsertTag | None:
    return session.scalars(
        select(InsertTag).where(InsertTag.order_id == order_id).with_for_update()
    ).one_or_none()
