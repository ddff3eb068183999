"""What became of messages, counted honestly: people apart from programs, and rates only over what
could be counted at all (features.md J1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import Session

from app.consent.model import ConsentRecord
from app.messages.model import Message

#: The states of a message that left the house.
GONE = ("sent", "delivered", "complained", "bounced")


@dataclass(frozen=True)
class Figures:
    """One kind's figures. `opened` and `clicked` are people; `proxy_opened` are mail programs that
    fetch everything. They can only be of the `opens_counted` and `clicks_counted` messages that
    carried the picture and the links that tell. `unsubscribed` are people who took the way out of
    one of these messages."""

    kind: str
    sent: int
    delivered: int
    bounced: int
    complained: int
    opens_counted: int
    opened: int
    proxy_opened: int
    clicks_counted: int
    clicked: int
    unsubscribed: int

    @property
    def open_rate(self) -> float | None:
        """People who opened, of the messages that could tell; None before there are any."""
        return self.opened / self.opens_counted if self.opens_counted else None

    @property
    def click_rate(self) -> float | None:
        """People who clicked, of the messages that could tell; None before there are any."""
        return self.clicked / self.clicks_counted if self.clicks_counted else None

    @property
    def unsubscribe_rate(self) -> float | None:
        """People who unsubscribed, of all that was sent; None before anything was."""
        return self.unsubscribed / self.sent if self.sent else None


def by_kind(session: Session, since: datetime, until: datetime | None = None) -> list[Figures]:
    """Every kind's figures over what was sent since a moment (and before another); test sends do
    not count."""
    span = [Message.sent_at >= since, Message.state.in_(GONE), Message.message_class != "test"]
    if until is not None:
        span.append(Message.sent_at < until)
    gone = _unsubscribed(session, span)
    opened = Message.counts_opens & Message.opened_at.is_not(None)
    proxied = Message.opened_at.is_(None) & Message.proxy_opened_at.is_not(None)
    rows = session.execute(
        select(
            Message.kind,
            func.count().label("sent"),
            func.count().filter(Message.state == "delivered").label("delivered"),
            func.count().filter(Message.state == "bounced").label("bounced"),
            func.count().filter(Message.state == "complained").label("complained"),
            func.count().filter(Message.counts_opens).label("opens_counted"),
            func.count().filter(opened).label("opened"),
            func.count().filter(proxied).label("proxy_opened"),
            func.count().filter(Message.counts_clicks).label("clicks_counted"),
            func.count(Message.clicked_at).label("clicked"),
        )
        .where(*span)
        .group_by(Message.kind)
        .order_by(Message.kind)
    )
    return [Figures(**row._asdict(), unsubscribed=gone.get(row.kind, 0)) for row in rows]


def _unsubscribed(session: Session, span: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    """By kind, how many messages somebody took the way out of."""
    from_message = cast(ConsentRecord.evidence["message_id"].astext, BigInteger)
    rows = session.execute(
        select(Message.kind, func.count(Message.id.distinct()))
        .join(ConsentRecord, from_message == Message.id)
        .where(ConsentRecord.granted.is_(False), *span)
        .group_by(Message.kind)
    )
    return {name: int(count) for name, count in rows}
