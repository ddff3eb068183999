"""Marketing that the sender's health holds back: it waits for another day rather than being lost.

A new domain may send only so many a day, and complaints slow or stop what is not about an order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.messages import reasons, rules
from app.messages.arbiter import schedule
from app.messages.calling_off import call_off
from app.messages.facts import Facts
from app.messages.kinds import MARKETING
from app.messages.model import Message, MessageShift
from app.senders import queries as senders

#: Why a message waits for another day; the first such move says since when it waits.
HELD = (reasons.SENDING_PAUSED, reasons.WARM_UP, reasons.SLOWED)
DAY = timedelta(days=1)


def held_back(session: Session, message: Message, facts: Facts) -> bool:
    """Whether a marketing mail may not leave now: moved to the next day, or ended when its kind is
    stopped or it would come too late to be of use."""
    if message.channel != "email" or facts.message_class != MARKETING:
        return False
    pace = senders.pace(session, message.lane, message.kind)
    if pace.paused == reasons.KIND_STOPPED:
        call_off(session, message, reasons.KIND_STOPPED, state="skipped")
        return True
    if not pace.paused and not pace.spent:
        return False
    reason = reasons.SENDING_PAUSED if pace.paused else pace.why or reasons.SLOWED
    _wait(session, message, facts, reason)
    return True


def _wait(session: Session, message: Message, facts: Facts, reason: str) -> None:
    here = now(session)
    longest = timedelta(seconds=message.max_lateness_s or 0)
    if message.max_lateness_s is not None and rules.is_late(
        _wanted(session, message), here, longest
    ):
        call_off(session, message, reason, state="skipped")
        return
    session.add(
        MessageShift(
            shop_id=message.shop_id,
            message_id=message.id,
            moved_from=message.due_at or here,
            moved_to=here + DAY,
            reason=reason,
        )
    )
    message.due_at, message.lease_until = here + DAY, None
    message.attempts -= 1
    schedule(session, message, facts)


def _wanted(session: Session, message: Message) -> datetime:
    """When it would have left, had nothing held it back."""
    first = session.scalars(
        select(MessageShift.moved_from)
        .where(MessageShift.message_id == message.id, MessageShift.reason.in_(HELD))
        .order_by(MessageShift.id)
        .limit(1)
    ).one_or_none()
    return first or message.due_at or now(session)
