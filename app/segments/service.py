"""What the room itself keeps: clicks as they are announced, and a big shop's scale."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Event
from app.mirror.model import Customer
from app.segments import people
from app.segments.model import SegmentClick, SegmentScale
from app.segments.queries import scale_of

#: From so many people on, a scale is measured hourly and kept: measuring takes a quarter of a
#: second at a hundred thousand.
BIG = 2_000


def on_message_clicked(session: Session, event: Event) -> None:
    """Somebody opened a link of ours by hand (`MessageClicked`, a higher room's event)."""
    if event.customer_id is None:
        return
    click = insert(SegmentClick).values(
        shop_id=session.info["shop_id"],
        customer_id=event.customer_id,
        clicks=1,
        first_at=event.occurred_at,
        last_at=event.occurred_at,
    )
    session.execute(
        click.on_conflict_do_update(
            index_elements=["shop_id", "customer_id"],
            set_={
                "clicks": SegmentClick.clicks + 1,
                "last_at": func.greatest(SegmentClick.last_at, click.excluded.last_at),
            },
        )
    )


def measure(session: Session) -> None:
    """Keep a big shop's scale; a small one's is measured whenever it is asked for."""
    found = people.measured(session)
    session.execute(delete(SegmentScale))
    if found["people"] < BIG:
        return
    session.add(
        SegmentScale(
            shop_id=session.info["shop_id"],
            measured_at=now(session),
            people=found["people"],
            scale=asdict(scale_of(found, now(session))),
        )
    )


def erase_person(session: Session, customer: Customer) -> int:
    """Forget what a person clicked. Returns how many rows went."""
    gone = session.execute(
        delete(SegmentClick)
        .where(SegmentClick.customer_id == customer.id)
        .returning(SegmentClick.id)
    ).all()
    return len(gone)


def export_person(session: Session, customer: Customer) -> dict[str, object]:
    """What is kept of a person's clicks."""
    row = session.scalars(
        select(SegmentClick).where(SegmentClick.customer_id == customer.id)
    ).one_or_none()
    if row is None:
        return {}
    return {"clicks": row.clicks, "first_at": row.first_at, "last_at": row.last_at}
