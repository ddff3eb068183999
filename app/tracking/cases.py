"""Reads of the cases of parcels that did not arrive."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tracking.model import ParcelCase


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
