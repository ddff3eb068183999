"""When people themselves want to be reminded: the best prior there is (features.md A13)."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.core.together import Question
from app.journal.service import record
from app.mirror.model import Customer, Order, OrderLine
from app.replenishment import rules
from app.replenishment.events import ReminderChosen
from app.replenishment.model import ReminderWish
from app.replenishment.queries import delivery_days
from app.shops.service import shop

#: A reminder comes so many days, and the way to the door, before it runs out (features.md E4).
LEAD_DAYS = 7
#: The first and the last day that can be chosen, from today.
SOONEST, LATEST = 3, 365


def bounds(session: Session) -> tuple[date, date]:
    """The first and last day one may choose, in the shop's zone."""
    today = now(session).astimezone(ZoneInfo(shop(session).timezone)).date()
    return today + timedelta(days=SOONEST), today + timedelta(days=LATEST)


def wish_of(session: Session, line_id: int) -> ReminderWish | None:
    """The day chosen for a line, if one was."""
    return session.scalars(
        select(ReminderWish).where(ReminderWish.line_id == line_id)
    ).one_or_none()


#: The days chosen for the lines of an order.
WISHES = Question(
    select(ReminderWish)
    .join(
        OrderLine,
        (OrderLine.shop_id == ReminderWish.shop_id) & (OrderLine.id == ReminderWish.line_id),
    )
    .where(OrderLine.order_id == bindparam("order", type_=BigInteger))
)


def runs_out_by_wish(session: Session, wish: ReminderWish) -> date:
    """The day it runs out, for a reminder on the day that was chosen."""
    return wish.remind_on + timedelta(days=LEAD_DAYS + delivery_days(session))


def own_word(session: Session, customer_id: int | None, product_shopify_id: int) -> float | None:
    """Days a pack lasts this person by what they last chose for the product; None without."""
    if customer_id is None:
        return None
    return session.scalars(
        select(ReminderWish.days_per_pack)
        .where(
            ReminderWish.customer_id == customer_id,
            ReminderWish.product_shopify_id == product_shopify_id,
        )
        .order_by(ReminderWish.chosen_at.desc(), ReminderWish.id.desc())
        .limit(1)
    ).one_or_none()


def choose(session: Session, order: Order, line: OrderLine, packs: float, on: date) -> None:
    """Keep the day a customer chose; choosing again moves it. Raises `Invalid` for a day outside
    the bounds or a buyer nobody knows."""
    first, last = bounds(session)
    if order.customer_id is None or not first <= on <= last:
        raise Invalid({"date": _("Choose one of the days on offer.")})
    days = (on - (first - timedelta(days=SOONEST))).days + LEAD_DAYS
    values = {
        "remind_on": on,
        "days_per_pack": days / math.pow(packs, rules.QUANTITY_EXPONENT),
        "chosen_at": now(session),
    }
    session.execute(
        insert(ReminderWish)
        .values(
            shop_id=order.shop_id,
            customer_id=order.customer_id,
            order_id=order.id,
            line_id=line.id,
            product_shopify_id=line.product_shopify_id,
            **values,
        )
        .on_conflict_do_update(index_elements=["shop_id", "line_id"], set_=values)
    )
    record(
        session,
        ReminderChosen(
            occurred_at=now(session),
            order_id=order.id,
            customer_id=order.customer_id,
            line_id=line.id,
        ),
    )


def erase_person(session: Session, customer: Customer) -> int:
    """Forget the days a customer chose; returns how many."""
    gone = session.execute(
        delete(ReminderWish)
        .where(ReminderWish.customer_id == customer.id)
        .returning(ReminderWish.id)
    )
    return len(gone.all())


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """The days a customer chose."""
    rows = session.scalars(select(ReminderWish).where(ReminderWish.customer_id == customer.id))
    return [
        {"product": row.product_shopify_id, "remind_on": row.remind_on.isoformat()} for row in rows
    ]
