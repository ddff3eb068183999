"""A birthday, month and day, as its owner tells it (C13)."""

from __future__ import annotations

from calendar import monthrange

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent.events import BirthdayTold
from app.consent.model import Birthday
from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.journal.service import record

#: A leap year knows every day there is.
LEAP_YEAR = 2024


def tell_birthday(session: Session, customer_id: int, month: int, day: int) -> None:
    """Keep a customer's birthday and announce `BirthdayTold`; with neither month nor day, forget
    it. Raises `Invalid` for a day that no year has."""
    if not month and not day:
        forget_birthday(session, customer_id)
        return
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(LEAP_YEAR, month)[1]:
        raise Invalid({"birthday": _("Please choose a month and a day.")})
    told = {"month": month, "day": day, "told_at": now(session)}
    session.execute(
        insert(Birthday)
        .values(shop_id=session.info["shop_id"], customer_id=customer_id, **told)
        .on_conflict_do_update(index_elements=["shop_id", "customer_id"], set_=told)
    )
    record(session, BirthdayTold(occurred_at=now(session), customer_id=customer_id))


def forget_birthday(session: Session, customer_id: int) -> None:
    """Forget a customer's birthday."""
    session.execute(delete(Birthday).where(Birthday.customer_id == customer_id))
