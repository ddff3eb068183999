"""Why a subject enters a journey only to end at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, exists, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.together import Question
from app.journeys import conditions, rules
from app.journeys.definitions import Definition, parse_offset
from app.journeys.facts import switched_on_at
from app.journeys.known import Known
from app.journeys.model import JourneyMute, JourneyRun
from app.journeys.subjects import Subject
from app.journeys.times import shifted
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops.service import shop

#: Reasons of old, kept where they say more than "only for".
_PLAIN = {"not gift": "gift"}

#: What stands for every journey among the mutes, those to come, too.
EVERYTHING = "*"


def refusal(
    session: Session,
    definition: Definition,
    order: Order,
    subject: Subject,
    run_id: int | None = None,
) -> str | None:
    """Why an order's subject must not go on in a journey; None when it may. `run_id` is the run
    that has just entered, if one has."""
    lines = mirror.order_lines(session, order.id)
    known = Known(session, definition, order, lines, subject.line, [])
    if too_early(session, order, definition.key):
        return "before_switch_on"
    if order.test:
        return "test_order"
    if order.source_name == "pos":
        return "point_of_sale"
    if wish := muted(session, order, definition.key):
        return wish
    for word in rules.failing(definition.when, conditions.holding(known)):
        return reason_of(word)
    return _too_often(session, definition, order, run_id)


def reason_of(word: str) -> str:
    """The reason of a condition of the whole journey that does not hold."""
    return _PLAIN.get(word) or f"only:{word}"[:64]


def muted_by(journey: str) -> str:
    """The reason when somebody of the shop wants a customer left in peace by one journey, or by
    all of them."""
    return "muted" if journey == EVERYTHING else "muted_here"


def too_early(session: Session, order: Order, journey: str) -> bool:
    """Whether an order was placed before a journey was switched on; true of one that is off."""
    since = switched_on_at(session, journey) or now(session)
    # Shopify tells whole seconds: an order of the second of the switch came after it.
    return order.placed_at < since.replace(microsecond=0)


def muted(session: Session, order: Order, journey: str) -> str | None:
    """Why an order's buyer is left in peace by a journey; None when they are not."""
    if order.customer_id is None:
        return None
    mute = select(JourneyMute.journey).where(
        JourneyMute.customer_id == order.customer_id, JourneyMute.journey.in_((journey, EVERYTHING))
    )
    wishes = session.scalars(mute).all()
    return muted_by(EVERYTHING if EVERYTHING in wishes else journey) if wishes else None


#: The journeys that leave the buyer of an order in peace.
MUTES = Question(
    select(JourneyMute.journey).where(
        JourneyMute.customer_id == bindparam("customer", type_=BigInteger)
    ),
    JourneyMute.journey,
)


def _too_often(
    session: Session, definition: Definition, order: Order, run_id: int | None
) -> str | None:
    """Whether this person is in the journey already, or was not long ago."""
    if definition.per == "customer" and _entered(session, definition, order, run_id, None):
        return "on_the_way"
    if definition.at_most is None:
        return None
    span = parse_offset(definition.at_most).times(-1)
    since = shifted(now(session), span, str(ZoneInfo(shop(session).timezone)))
    return "too_soon" if _entered(session, definition, order, run_id, since) else None


def _entered(
    session: Session,
    definition: Definition,
    order: Order,
    run_id: int | None,
    since: datetime | None,
) -> bool:
    """Whether a run of the same person entered since, or (with no `since`) is on its way. A run
    that was refused at the door never entered."""
    runs = select(JourneyRun.id).where(
        JourneyRun.journey == definition.key, JourneyRun.id != (run_id or 0)
    )
    if order.customer_id is not None:
        runs = runs.where(JourneyRun.customer_id == order.customer_id)
    else:
        guests = select(Order.id).where(
            Order.customer_id.is_(None), Order.email_key == (order.email_key or "")
        )
        runs = runs.where(JourneyRun.order_id.in_(guests))
    if since is None:
        runs = runs.where(JourneyRun.state.in_(("scheduled", "claimed")))
    else:
        runs = runs.where(
            JourneyRun.entered_at > since,
            (JourneyRun.ended_at.is_(None)) | (JourneyRun.ended_at > JourneyRun.entered_at),
        )
    found: bool = session.execute(select(exists(runs.subquery()))).scalar_one()
    return found
