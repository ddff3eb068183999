"""Reads of the LINE room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.runtime import runtime
from app.journal import queries as journal
from app.line import rules
from app.line.events import LineHeard
from app.line.model import LineAccount, LineFriend, LineQuestion, LineSpend


def account(session: Session) -> LineAccount | None:
    """The shop's official account; None while none is connected."""
    return session.scalars(select(LineAccount)).one_or_none()


def not_handed_on(session: Session) -> int:
    """How much of what LINE posted never reached the other tool: each waits for a person."""
    return sum(one.kind == LineHeard.__name__ for one in journal.undelivered(session))


def friend_url(account: LineAccount) -> str:
    """The add-friend link."""
    return f"{runtime().settings.line_friend_url.rstrip('/')}/R/ti/p/{account.basic_id}"


def question(session: Session, question_id: int) -> LineQuestion | None:
    """Something a person asked."""
    return session.get(LineQuestion, (session.info["shop_id"], question_id))


def purse(session: Session, account: LineAccount, journey: str = "") -> rules.Purse:
    """What is left this month, for a journey where one is named."""
    month = rules.month_of(now(session))
    rows = session.execute(
        select(LineSpend.journey, LineSpend.sent).where(LineSpend.month == month)
    )
    sent = {row.journey: row.sent for row in rows}
    return rules.Purse(
        limit=account.quota_limit,
        used=account.quota_used,
        budget=account.limits.get("month"),
        spent=sum(sent.values()),
        journey_budget=account.limits.get("journeys", {}).get(journey),
        journey_spent=sent.get(journey, 0),
    )


@dataclass(frozen=True)
class Standing:
    """The account in figures: friends now, people who left, journeys with what they sent."""

    friends: int
    left: int
    linked: int
    sent: dict[str, int]


def standing(session: Session) -> Standing:
    """Friends, leavers and this month's messages by journey (rules.md LN-7)."""
    friends = session.execute(
        select(
            func.count().filter(LineFriend.left_at.is_(None)),
            func.count().filter(LineFriend.left_at.is_not(None)),
        )
    ).one()
    month = rules.month_of(now(session))
    rows = session.execute(
        select(LineSpend.journey, LineSpend.sent)
        .where(LineSpend.month == month)
        .order_by(LineSpend.sent.desc())
    )
    return Standing(friends[0], friends[1], 0, {row.journey: row.sent for row in rows})
