"""By which channel a person is reached: what the step asks for, what the shop prefers, what they
agreed to. One message takes one channel; the others remain for when that one does not take it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.messages import notices
from app.messages.facts import EMAIL, Facts, gather, of_person, reached_at
from app.messages.kinds import MARKETING, Kind
from app.messages.lanes import lane_of
from app.messages.model import Message, MessageContent
from app.messages.people import find
from app.messages.voices import speaks
from app.mirror.model import Order
from app.senders import queries as senders

#: Marketing by a channel that rings on a telephone: at most so much in so long (rules.md 2.3).
MOST_BY_PHONE, PHONE_SPAN = 4, timedelta(days=30)
COUNTED = ("scheduled", "claimed", "sending", "sent", "delivered", "in_doubt", "closed")


@dataclass(frozen=True)
class Way:
    """The facts with the channel's address in them, and the channels left to fall back on."""

    facts: Facts
    rest: tuple[str, ...] = ()
    #: The person was asked and has nothing against it.
    agreed: bool = False


def choose(session: Session, facts: Facts, wish: str | None = None) -> Way:
    """The first channel over which this message may reach the person. When none may, the facts
    stay with e-mail, whose refusal says why."""
    open_ways = [
        way
        for channel in _order(facts, wish, _reachable(facts))
        if of_person(session, way := _by(facts, channel)) is None and not _tired(session, way)
    ]
    if not open_ways:
        return Way(_by(facts, EMAIL))
    return Way(open_ways[0], tuple(way.channel for way in open_ways[1:]), agreed=True)


def channel_for(session: Session, order: Order, kind: Kind, wish: str | None = None) -> str | None:
    """Over which channel a message of this kind about an order would reach its buyer now: `email`
    or `line`; None when it would not. What another tool sends goes by mail."""
    if senders.owner(session, kind.name) != senders.OKAERI:
        return EMAIL if order.email else None
    facts = gather(session, kind, order_id=order.id, customer_id=order.customer_id, subject_ids={})
    way = choose(session, facts, wish)
    if not way.agreed:
        return None
    return "line" if way.facts.channel == notices.CHANNEL else way.facts.channel


def fall_back(session: Session, message: Message, facts: Facts) -> Facts | None:
    """Move a message that its channel did not take to the next one; the facts as they are there,
    or None when no channel is left."""
    for position, channel in enumerate(message.fallback):
        there = _by(facts, channel)
        if speaks(channel, facts.kind) and of_person(session, there) is None:
            message.fallback = message.fallback[position + 1 :]
            message.channel, message.recipient = channel, there.address
            message.lane = lane_of(channel, message.message_class)
            message.send_key = None
            session.execute(delete(MessageContent).where(MessageContent.message_id == message.id))
            return there
    return None


def _order(facts: Facts, wish: str | None, reachable: set[str]) -> list[str]:
    """The channels to try, best first: the step's own, the shop's, then the rest. A step that asks
    for e-mail means it: what is in the mail does not fit elsewhere."""
    own = (wish, notices.CHANNEL, facts.settings.frequency.prefer, EMAIL)
    preferred = (EMAIL,) if wish == EMAIL else own
    others = [] if wish == EMAIL else sorted(reachable)
    wanted = [channel for channel in [*preferred, *others] if channel]
    return [
        channel
        for channel in dict.fromkeys(wanted)
        if channel in reachable and speaks(channel, facts.kind)
    ]


def _reachable(facts: Facts) -> set[str]:
    linked = facts.reader.addresses
    # Whoever is linked is a friend, whom a push costs less and reaches surely.
    known_by_number = notices.is_on(facts.settings) and "line" not in linked
    if known_by_number and notices.says(facts.kind, facts.settings.line_notices):
        return {EMAIL, notices.CHANNEL, *linked}
    return {EMAIL, *linked}


def _by(facts: Facts, channel: str) -> Facts:
    if channel == EMAIL:
        return replace(facts, channel=EMAIL, address=facts.mailbox)
    address = reached_at(channel, facts.order, facts.customer, facts.reader)
    return replace(facts, channel=channel, address=address)


def _tired(session: Session, facts: Facts) -> bool:
    """Whether the person had as much marketing on their telephone as is bearable."""
    if facts.channel == EMAIL or facts.message_class != MARKETING:
        return False
    person = find(session, facts.customer.id if facts.customer else None, facts.address)
    had = session.scalar(
        select(func.count()).where(
            person.messages,
            Message.channel == facts.channel,
            Message.message_class == MARKETING,
            Message.state.in_(COUNTED),
            # What waits without a date is still to come.
            func.coalesce(Message.sent_at, Message.due_at, now(session))
            > now(session) - PHONE_SPAN,
        )
    )
    return (had or 0) >= MOST_BY_PHONE
