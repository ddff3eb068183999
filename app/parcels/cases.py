"""Parcels that count as delivered and are not there: what their buyers told us. What follows from
it (the task, the pause) is for the rooms above."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import current_locale, show_date
from app.core.locale import gettext as _
from app.mirror.model import Order
from app.parcels.model import Parcel, ParcelCase
from app.shops.service import shop


def cases_of(session: Session, order_id: int) -> list[ParcelCase]:
    """An order's cases, oldest first."""
    return list(
        session.scalars(
            select(ParcelCase).where(ParcelCase.order_id == order_id).order_by(ParcelCase.id)
        )
    )


def open_case(session: Session, parcel_id: int) -> ParcelCase | None:
    """The parcel's open case."""
    return session.scalars(
        select(ParcelCase).where(ParcelCase.parcel_id == parcel_id, ParcelCase.state == "open")
    ).one_or_none()


def missed(session: Session, parcels: list[Parcel]) -> dict[int, date]:
    """On which day, where the shop is, the buyer said of which of these parcels that it is not
    there; only those whose case is open. Asks nothing while none counts as delivered."""
    arrived = [one.id for one in parcels if one.state == "delivered"]
    if not arrived:
        return {}
    rows = session.execute(
        select(ParcelCase.parcel_id, ParcelCase.opened_at).where(
            ParcelCase.parcel_id.in_(arrived), ParcelCase.state == "open"
        )
    )
    zone = ZoneInfo(shop(session).timezone)
    return {row.parcel_id: row.opened_at.astimezone(zone).date() for row in rows}


def open_for(session: Session, parcel: Parcel, order: Order, note: str) -> ParcelCase | None:
    """Open a parcel's case; None where one is open already."""
    return session.scalars(
        insert(ParcelCase)
        .values(
            shop_id=order.shop_id,
            parcel_id=parcel.id,
            order_id=order.id,
            customer_id=order.customer_id,
            state="open",
            note=note,
            opened_at=now(session),
        )
        .on_conflict_do_nothing()
        .returning(ParcelCase)
    ).one_or_none()


# --- in the buyer's words -----------------------------------------------------------------------


def headline() -> str:
    """What stands where "delivered" would."""
    return _("We are looking for your parcel")


def recorded(day: str) -> str:
    """What the carrier says of it, as its word."""
    return _("Recorded by the carrier as delivered on %(day)s", day=day)


def unreported(session: Session, parcel: Parcel) -> str:
    """What can be said of a parcel that counts as delivered and that nobody reported: no day of
    delivery, only the one it was expected on, and the way to say that it is not there."""
    guessed = parcel.delivered_at or now(session)
    day = parcel.expected_to or guessed.astimezone(ZoneInfo(shop(session).timezone)).date()
    return _(
        "The carrier has not reported the delivery. Your parcel was expected around %(day)s and "
        "should have arrived by now.",
        day=show_date(day, current_locale()),
    )


def told_on(day: date) -> str:
    """What they told us, and when."""
    return _(
        "You told us on %(day)s that it has not arrived. We are sorry.",
        day=show_date(day, current_locale()),
    )


def what_next() -> str:
    """What happens now."""
    return _(
        "One of us is asking the carrier where it is and will get back to you by the end of the "
        "next working day. There is nothing you need to do."
    )
