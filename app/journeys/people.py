"""People in imagination: whose orders go together, and what journeys would have given them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journeys import courses, histories, simulate, standing
from app.journeys.definitions import Definition
from app.journeys.history import History
from app.messages.kinds import all_kinds
from app.messages.rules import Caps
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops.frequency import keeps_to_weekends, measures

#: A person's other orders this near may take a place in the same weeks.
NEAR = timedelta(days=120)
#: How far imagination looks ahead of the newest order.
AHEAD = timedelta(days=400)


def replay(
    session: Session, order_id: int, definitions: Sequence[Definition]
) -> tuple[History, simulate.Imagined]:
    """What an order would have given its customer if these journeys had been on: its own steps,
    placed among those of the same person's other orders. Raises `NotFound`."""
    order = mirror.order(session, order_id)
    shelf = histories.open_shelf(session)
    found = histories.read(session, _together(session, order), shelf)
    own = next(one for one in found if one.order.id == order.id)
    imagined = one_person(session, found, definitions, max(shelf.now, order.placed_at) + AHEAD)
    return own, simulate.Imagined(
        told=[one for one in imagined.told if one.course.order_id == order.id],
        ended=[one for one in imagined.ended if one.course.order_id == order.id],
    )


def one_person(
    session: Session,
    found: Sequence[History],
    definitions: Sequence[Definition],
    until: datetime,
) -> simulate.Imagined:
    """Imagine one person's orders."""
    return next(everyone(session, [found], definitions, until))


def everyone(
    session: Session,
    people: Sequence[Sequence[History]],
    definitions: Sequence[Definition],
    until: datetime,
) -> Iterator[simulate.Imagined]:
    """Imagine many people, each with their orders, one after the other."""
    kinds = all_kinds()
    shelf = people[0][0].shelf if people else histories.open_shelf(session)
    buyers = {one.customer.id for some in people for one in some if one.customer}
    addresses = [standing.address_of([o.order for o in some], some[-1].customer) for some in people]
    ledger = standing.read(session, shelf.shop, buyers, [one for one in addresses if one])
    prepared = [courses.prepare(one) for one in definitions]
    chosen = ledger.settings.frequency
    caps = Caps(chosen.per_week, timedelta(hours=chosen.apart_h))
    for some, address in zip(people, addresses, strict=True):
        reach = ledger.reach(some[-1].customer, address)
        person = simulate.Person(
            zone=some[-1].zone,
            courses=tuple(courses.courses_of(some, prepared, shelf.delivery_days)),
            kinds=kinds,
            refusal=reach.refusal,
            ways=reach.ways,
            caps=caps,
            measured=measures(chosen.clicks, some[-1].country),
            weekends=keeps_to_weekends(chosen.weekends, some[-1].zone),
            holds=(
                *(hold for one in some for hold in one.holds),
                *filter(None, map(courses.missing, some)),
            ),
            ordered=tuple(some[-1].ordered),
            by_hand=tuple(some[-1].by_hand),
            name=_name(some[-1].order),
        )
        yield simulate.imagine(person, until)


def _name(order: Order) -> str:
    """Who a split divides by, as real runs do."""
    customer = order.customer_id
    return f"customer:{customer}" if customer is not None else f"order:{order.id}"


def _together(session: Session, order: Order) -> Iterable[int]:
    """The order's id, and those of the same person's orders near it."""
    same = [Order.id == order.id]
    if order.customer_id is not None:
        same.append(Order.customer_id == order.customer_id)
    elif order.email_key:
        same.append(Order.email_key == order.email_key)
    return session.scalars(
        select(Order.id).where(
            or_(*same),
            Order.placed_at.between(order.placed_at - NEAR, order.placed_at + NEAR),
            Order.placed_at <= now(session),
        )
    ).all()
