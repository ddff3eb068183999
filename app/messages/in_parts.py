"""A parcel that holds a part of its order: which one it is, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core.locale import gettext as _
from app.mirror.model import OrderLine
from app.parcels import pieces
from app.parcels import queries as parcels
from app.parcels.model import Parcel

#: How many products are named before the others are counted.
NAMED = 3


def number_and_rest(
    session: Session, parcel: Parcel, lines: Sequence[OrderLine]
) -> tuple[str, str]:
    """Which of the order's parcels it is, empty while it is the only one; and how the rest comes,
    empty when the reader has it."""
    known = parcels.parcels_of(session, parcel.order_id)
    place = next((at for at, one in enumerate(known, 1) if one.id == parcel.id), 0)
    number = ""
    if place and len(known) > 1:
        number = _("No. %(number)s of %(count)s parcels", number=place, count=len(known))
    if any(one.delivered_at is None for one in known if one.id != parcel.id):
        return number, _("Comes in a separate parcel")
    return number, _("To be shipped next") if pieces.unsent(session, lines, known) else ""


def named(titles: Sequence[str]) -> str:
    """Products in one phrase."""
    if len(titles) <= NAMED:
        return _(", ").join(titles)
    return _("%(title)s and %(more)s more", title=titles[0], more=len(titles) - 1)
