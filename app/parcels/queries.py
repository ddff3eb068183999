"""Reads of parcels."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.parcels.model import Parcel


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


def parcels_of(session: Session, order_id: int) -> list[Parcel]:
    """An order's parcels in the order they were shipped, cancelled ones left out."""
    return list(
        session.scalars(
            select(Parcel)
            .where(Parcel.order_id == order_id, Parcel.cancelled_at.is_(None))
            .order_by(Parcel.shipped_at, Parcel.id)
        )
    )
