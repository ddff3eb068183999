"""The days on which a parcel should arrive, as they are told to its buyer everywhere."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.parcels import silence
from app.parcels.model import Parcel
from app.shops.service import shop


def days(session: Session, parcel: Parcel) -> tuple[date | None, date | None]:
    """The first and last expected day, where the shop is. What left on the van today comes today,
    whatever was promised before."""
    if comes_today(session, parcel):
        day = _today(session)
        return day, day
    return parcel.expected_from, parcel.expected_to


def comes_today(session: Session, parcel: Parcel) -> bool:
    """Whether it left for its buyer's door today, for the first time or again. What was on the van
    yesterday and not heard of since promises nothing for today."""
    if parcel.state != "out_for_delivery":
        return False
    since = silence.state_of(session, parcel).since
    return since.astimezone(ZoneInfo(shop(session).timezone)).date() == _today(session)


def _today(session: Session) -> date:
    return now(session).astimezone(ZoneInfo(shop(session).timezone)).date()
