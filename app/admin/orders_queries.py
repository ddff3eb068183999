"""Lists of orders with where their journeys stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core.money import Money
from app.journeys import queries as journeys
from app.journeys.model import JourneyRun
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order

PAGE = 25


@dataclass(frozen=True)
class Row:
    """One order of the list. `state` is `cancelled`, `refunded`, `test`, `on_the_way` (something
    is still to come) or `done`."""

    order: Order
    customer: Customer | None
    total: Money
    state: str
    live: list[str]
    sent: int
    skipped: int
    next_at: datetime | None


def rows(session: Session, *, name: str = "", before: int | None = None) -> list[Row]:
    """Orders, newest first, or those whose number has `name` in it; one more than a page, so that
    the caller knows whether there is another."""
    orders = (
        _named(session, name) if name else mirror.recent_orders(session, PAGE + 1, before=before)
    )
    ids = [order.id for order in orders]
    runs = journeys.runs_of_orders(session, ids)
    people = _customers(session, orders)
    counts = _counts(session, ids)
    return [
        _row(session, order, people.get(order.customer_id or 0), runs.get(order.id, []), counts)
        for order in orders
    ]


def _row(
    session: Session,
    order: Order,
    customer: Customer | None,
    runs: list[JourneyRun],
    counts: dict[tuple[int, str], int],
) -> Row:
    live = [run for run in runs if run.state in journeys.LIVE]
    return Row(
        order=order,
        customer=customer,
        total=Money(order.total_minor, order.currency),
        state=_state(order, live),
        live=[journeys.name_of(session, run.journey) for run in live],
        sent=sum(counts.get((order.id, state), 0) for state in ("sent", "delivered")),
        skipped=counts.get((order.id, "skipped"), 0),
        next_at=min((run.due_at for run in live if run.due_at), default=None),
    )


def _state(order: Order, live: list[JourneyRun]) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    if order.financial_status == "refunded":
        return "refunded"
    if order.test:
        return "test"
    return "on_the_way" if live else "done"


def _named(session: Session, name: str) -> list[Order]:
    wanted = name.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return list(
        session.scalars(
            select(Order)
            .where(
                or_(
                    Order.name.ilike(f"%{wanted}%", escape="\\"),
                    Order.confirmation_number.ilike(wanted, escape="\\"),
                )
            )
            .order_by(Order.placed_at.desc(), Order.id.desc())
            .limit(PAGE)
        )
    )


def _customers(session: Session, orders: list[Order]) -> dict[int, Customer]:
    ids = {order.customer_id for order in orders if order.customer_id}
    found = session.scalars(select(Customer).where(Customer.id.in_(ids)))
    return {customer.id: customer for customer in found}


def _counts(session: Session, order_ids: list[int]) -> dict[tuple[int, str], int]:
    found = session.execute(
        select(Message.order_id, Message.state, func.count().label("number"))
        .where(Message.order_id.in_(order_ids))
        .group_by(Message.order_id, Message.state)
    )
    return {(row.order_id, row.state): row.number for row in found}
