"""Reads of addresses that look wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.addresses import rules
from app.addresses.model import OPEN, AddressCase
from app.addresses.rules import Address, Finding, Standing
from app.core.clock import now
from app.core.errors import NotFound
from app.core.together import Question, Rows
from app.mirror import queries as mirror
from app.mirror.model import Fulfillment, Order, OrderLine
from app.shops import service as shops

PAGE = 100
SENT = frozenset({"fulfilled", "partial", "in_progress"})


def case_of(session: Session, order_id: int) -> AddressCase | None:
    """An order's case."""
    return session.scalars(
        select(AddressCase).where(AddressCase.order_id == order_id)
    ).one_or_none()


def case(session: Session, case_id: int) -> AddressCase:
    """One case, locked; raises `NotFound`."""
    found = session.get(AddressCase, (session.info["shop_id"], case_id), with_for_update=True)
    if found is None:
        raise NotFound
    return found


def open_cases(session: Session) -> list[tuple[AddressCase, Order]]:
    """What the shop still has to look after, the most pressing first: what a person is to do, then
    what may not arrive, then the rest."""
    rows = session.execute(
        select(AddressCase, Order)
        .join(Order, (Order.shop_id == AddressCase.shop_id) & (Order.id == AddressCase.order_id))
        .where(
            AddressCase.state.in_(OPEN),
            Order.cancelled_at.is_(None),
            AddressCase.state.in_(("asked", "person")) | _unsent(),
        )
        .order_by(
            (AddressCase.state == "open"), AddressCase.serious.desc(), AddressCase.found_at.desc()
        )
        .limit(PAGE)
    )
    return [(row[0], row[1]) for row in rows]


def _unsent() -> object:
    return Order.fulfillment_status.is_(None) | Order.fulfillment_status.not_in(SENT)


@dataclass(frozen=True)
class Figures:
    """All cases there ever were, by state and by problem."""

    states: Counter[str]
    problems: Counter[str]


def figures(session: Session) -> Figures:
    """How many cases there were, by what became of them and by what was odd."""
    states = session.execute(
        select(AddressCase.state, func.count().label("number")).group_by(AddressCase.state)
    )
    problem = func.jsonb_array_elements_text(AddressCase.problems).label("problem")
    inner = select(problem).subquery()
    problems = session.execute(
        select(inner.c.problem, func.count().label("number")).group_by(inner.c.problem)
    )
    return Figures(
        Counter({row.state: row.number for row in states}),
        Counter({row.problem: row.number for row in problems}),
    )


@dataclass(frozen=True)
class Shown:
    """What an order's page shows of its address. `closed` is why the buyer can no longer change
    it; `state` and `reason` are the case's, where there is one."""

    given: Address
    finding: Finding
    closed: str | None
    state: str
    reason: str


class Around(NamedTuple):
    """What an order's page needs to know beside its address: the case, whether anything was handed
    over to be sent, and the lines."""

    case: AddressCase | None
    sent: bool
    lines: Sequence[OrderLine]


def around(session: Session, order: Order) -> Around:
    """What stands around an order's address."""
    lines = mirror.order_lines(session, order.id)
    return around_of(AROUND.ask(session, {"order": order.id}), lines)


def around_of(rows: Rows, lines: Sequence[OrderLine]) -> Around:
    """What the answer to `AROUND` says."""
    return Around(rows[0][0], rows[0][1], lines)


AROUND = Question(
    select(
        AddressCase,
        exists()
        .where(
            Fulfillment.shop_id == Order.shop_id,
            Fulfillment.order_id == Order.id,
            Fulfillment.status != "cancelled",
        )
        .label("sent"),
    )
    .select_from(Order)
    .outerjoin(AddressCase, AddressCase.order_id == Order.id)
    .where(Order.id == bindparam("order", type_=BigInteger))
)


def shown(
    session: Session, order: Order, *, arrived: bool, known: Around | None = None
) -> Shown | None:
    """An order's address as its page shows it; None where there is nothing to say: everything that
    was sent has `arrived`, the shop has not switched it on, nothing goes to Japan, or it was
    forgotten."""
    given = rules.of(order.shipping_address)
    enabled = shops.settings_of(shops.shop(session)).addresses.enabled
    if arrived or given is None or not enabled:
        return None
    known = known or around(session, order)
    found, closed = known.case, _closed(session, order, known)
    if closed in ("off", "not_here", "cancelled") or (closed and found is None):
        return None
    return Shown(
        given=given,
        finding=rules.check(given),
        closed=closed,
        state=found.state if found else "",
        reason=found.reason if found else "",
    )


def why_closed(session: Session, order: Order) -> str | None:
    """Why a buyer cannot change an order's address (any more), by our copy of the store."""
    return _closed(session, order, around(session, order))


def _closed(session: Session, order: Order, known: Around) -> str | None:
    chosen = shops.settings_of(shops.shop(session)).addresses
    standing = Standing(
        enabled=chosen.enabled,
        placed_at=order.placed_at,
        minutes=chosen.minutes,
        in_japan=rules.of(order.shipping_address) is not None,
        ships=mirror.needs_shipping(known.lines),
        sent=order.fulfillment_status in SENT or known.sent,
        cancelled=order.cancelled_at is not None,
    )
    return rules.closed(standing, now(session))
