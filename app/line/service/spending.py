"""Counting what leaves by LINE, before it leaves."""

from __future__ import annotations

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.line import queries, rules
from app.line.model import LineSpend
from app.messages import service as messages


def reserve(session: Session, *, journey: str, marketing: bool, priority: int) -> str | None:
    """Take one message out of the month for a journey; or say why it had better go by mail:
    `disconnected`, `quota`, `budget`. Two workers cannot take the last one twice: the account's
    row is locked until the commit."""
    account = queries.account(session)
    if account is None:
        return "disconnected"
    session.refresh(account, with_for_update=True)
    purse = queries.purse(session, account, journey)
    refused = rules.refusal(purse, marketing=marketing, priority=priority)
    if refused:
        if spent := rules.spent(purse):
            messages.warn(session, f"line_{spent}", since=rules.month_of(now(session)))
        return refused
    account.quota_used += 1
    month = rules.month_of(now(session))
    session.execute(
        insert(LineSpend)
        .values(shop_id=session.info["shop_id"], month=month, journey=journey, sent=1)
        .on_conflict_do_update(
            index_elements=["shop_id", "month", "journey"], set_={"sent": LineSpend.sent + 1}
        )
    )
    return None


def give_back(session: Session, *, journey: str) -> None:
    """Put a message back that LINE did not take after all."""
    account = queries.account(session)
    if account is None:
        return
    session.refresh(account, with_for_update=True)
    account.quota_used = max(0, account.quota_used - 1)
    session.execute(
        update(LineSpend)
        .where(LineSpend.month == rules.month_of(now(session)), LineSpend.journey == journey)
        .values(sent=func.greatest(LineSpend.sent - 1, 0))
    )
