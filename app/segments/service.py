"""What the room itself keeps: clicks as they are announced, and a big shop's people and scale."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Event
from app.mirror import queries as mirror
from app.mirror.model import Customer
from app.segments import people, queries, rollup
from app.segments.model import SegmentClick, SegmentPerson, SegmentScale
from app.segments.queries import scale_of


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


def on_order_changed(session: Session, event: Event) -> None:
    """An order came, was cancelled or given back: in a big shop its person's row is brought up to
    date (see `segments.rollup`)."""
    order = mirror.order(session, event.order_id) if event.order_id is not None else None
    if order is None or queries.kept_scale(session) is None:
        return
    customer = mirror.customer(session, order.customer_id) or _by_address(session, order.email_key)
    if customer is not None:
        rollup.refresh(session, queries.same_person(session, customer), customer.email_key)


def _by_address(session: Session, email_key: str | None) -> Customer | None:
    if email_key is None:
        return None
    found = select(Customer).where(Customer.email_key == email_key).order_by(Customer.id).limit(1)
    return session.scalars(found).one_or_none()


def measure(session: Session) -> None:
    """Keep a big shop's people and scale; a small one's are worked out whenever they are asked
    for."""
    session.execute(delete(SegmentScale))
    if not rollup.is_big(session):
        rollup.forget(session)
        return
    rollup.rebuild(session)
    found = people.measured(session, rollup.PEOPLE)
    session.add(
        SegmentScale(
            shop_id=session.info["shop_id"],
            measured_at=now(session),
            people=found["people"],
            scale=asdict(scale_of(found, now(session))),
        )
    )


def erase_person(session: Session, customer: Customer) -> int:
    """Forget what a person clicked and bought. Returns how many rows went."""
    session.execute(delete(SegmentPerson).where(SegmentPerson.customer_id == customer.id))
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
