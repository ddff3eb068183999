"""Reads of parcels."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.journal import queries as journal
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.parcels import rules
from app.parcels.model import Parcel
from app.shops.model import Shop
from app.shops.service import settings_of, shop

#: A number that was mistyped is put right in the first days, or not at all.
UNSEEN = timedelta(days=14)
MOST = 500


def parcel(session: Session, parcel_id: int) -> Parcel:
    """One parcel; raises `NotFound` when the bound shop has none of that id."""
    found = session.get(Parcel, (session.info["shop_id"], parcel_id))
    if found is None:
        raise NotFound
    return found


def parcel_of_fulfillment(session: Session, fulfillment_id: int) -> Parcel | None:
    """The parcel of a fulfillment; None before it shipped and for what is not shipped at all."""
    return session.scalars(
        select(Parcel).where(Parcel.fulfillment_id == fulfillment_id)
    ).one_or_none()


def unseen(session: Session) -> list[tuple[Parcel, Order]]:
    """The parcels of the last days that no carrier has seen yet, with their orders, the newest
    first: a mistyped number is one of the reasons."""
    rows = session.execute(
        select(Parcel, Order)
        .join(Order, (Order.shop_id == Parcel.shop_id) & (Order.id == Parcel.order_id))
        .where(
            Parcel.state == "shipped",
            Parcel.cancelled_at.is_(None),
            Parcel.tracking_number.is_not(None),
            Parcel.shipped_at > now(session) - UNSEEN,
        )
        .order_by(Parcel.shipped_at.desc())
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in rows]


def parcels_of(session: Session, order_id: int) -> list[Parcel]:
    """An order's parcels in the order they were shipped, cancelled ones left out."""
    return list(
        session.scalars(
            select(Parcel)
            .where(Parcel.order_id == order_id, Parcel.cancelled_at.is_(None))
            .order_by(Parcel.shipped_at, Parcel.id)
        )
    )


def parcels_with(session: Session, line: OrderLine) -> list[Parcel]:
    """The parcels that bring a bought line, in the order they were shipped: of its order's those
    that hold it, or do not say what they hold. What is not shipped comes with any of them."""
    found = parcels_of(session, line.order_id)
    if not line.requires_shipping:
        return found
    inside = [mirror.contents(session, parcel.fulfillment_id) for parcel in found]
    return [
        parcel
        for parcel, held in zip(found, inside, strict=True)
        if not held or line.shopify_id in held
    ]


def promise_of(home: Shop) -> rules.Promise:
    """What the shop's calendar promises, as the rules want it."""
    chosen = settings_of(home).calendar
    return rules.Promise(
        ready=chosen.ready,
        transit=chosen.transit,
        cut_off=chosen.cut_off,
        closed_weekdays=frozenset(chosen.closed_weekdays),
        holidays=chosen.holidays,
        seasons=frozenset(chosen.seasons) & rules.SEASONS.keys(),
        closures=tuple((one.first, one.last) for one in chosen.closures),
    )


def counts_from(session: Session, order: Order) -> datetime:
    """From when the shop's working days count: what is paid late is prepared after the payment."""
    paid = (
        entry.occurred_at
        for entry in journal.of_order(session, order.id)
        if entry.kind == "OrderPaid"
    )
    return from_payment(order, next(paid, order.placed_at))


def from_payment(order: Order, paid_at: datetime) -> datetime:
    """The same of an order of which it is known when it was paid."""
    if mirror.awaits_payment(order) or order.paid_on_delivery:
        return order.placed_at
    return max(paid_at, order.placed_at)


def ships(session: Session, order: Order) -> tuple[date, date]:
    """The first and last day an order should be handed to the carrier."""
    home = shop(session)
    start = counts_from(session, order)
    return rules.ships_between(start, home.timezone, home.country, promise_of(home))
