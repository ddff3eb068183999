"""Opens and clicks: noted as they come, judged a few seconds later, announced when a person's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.messages.events import MessageClicked
from app.messages.model import Message, MessageSignal
from app.messages.signal_rules import CLICK, HUMAN, OPEN, PATIENCE, PROXY, TRAPPED, Click, judge

#: Whoever knocks more often on one message is counted no further.
MOST = 200
DONE, TO_JUDGE = "done", "scheduled"


def note(
    session: Session,
    message_id: int,
    what: str,
    *,
    verdict: str | None,
    link: str = "",
    number: int = 0,
) -> None:
    """Keep that a message was opened or one of its links followed. A click that its request alone
    does not give away waits to be judged."""
    message = session.get(Message, (session.info["shop_id"], message_id))
    known = session.scalar(select(func.count()).where(MessageSignal.message_id == message_id))
    if message is None or (known or 0) >= MOST:
        return
    waits = what == CLICK and verdict is None
    session.add(
        MessageSignal(
            shop_id=message.shop_id,
            message_id=message_id,
            what=what,
            link=link[:24],
            number=number,
            verdict=verdict,
            occurred_at=now(session),
            state=TO_JUDGE if waits else DONE,
            due_at=now(session) + PATIENCE if waits else None,
        )
    )
    if what == OPEN and verdict == HUMAN:
        message.opened_at = message.opened_at or now(session)
    elif what == OPEN and verdict == PROXY:
        message.proxy_opened_at = message.proxy_opened_at or now(session)


def judge_click(session: Session, signal: MessageSignal) -> None:
    """Decide whether a click was a person's; the first on a link is announced."""
    message = session.scalars(
        select(Message).where(Message.id == signal.message_id).with_for_update()
    ).one()
    signal.verdict = judge(_click(signal), [_click(row) for row in _company(session, signal)])
    if signal.verdict != HUMAN:
        return
    first = not session.scalar(
        select(func.count()).where(
            MessageSignal.message_id == message.id,
            MessageSignal.link == signal.link,
            MessageSignal.what == CLICK,
            MessageSignal.verdict == HUMAN,
            MessageSignal.id != signal.id,
        )
    )
    message.clicked_at = min(message.clicked_at or signal.occurred_at, signal.occurred_at)
    # Who follows a link has read the message, whatever became of the picture.
    message.opened_at = message.opened_at or signal.occurred_at
    if first:
        record(
            session,
            MessageClicked(
                occurred_at=signal.occurred_at,
                order_id=message.order_id,
                customer_id=message.customer_id,
                message_id=message.id,
                kind=message.kind,
                link=signal.link,
            ),
        )


def _company(session: Session, signal: MessageSignal) -> list[MessageSignal]:
    around: timedelta = TRAPPED
    return list(
        session.scalars(
            select(MessageSignal).where(
                MessageSignal.message_id == signal.message_id,
                MessageSignal.what == CLICK,
                MessageSignal.occurred_at.between(
                    signal.occurred_at - around, signal.occurred_at + around
                ),
            )
        )
    )


def _click(row: MessageSignal) -> Click:
    return Click(row.link, row.number, row.occurred_at, row.verdict)
