"""The arbiter at work: the moment each message gets, what has to yield, and what has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import (
    ARRAY,
    DateTime,
    FromClause,
    Insert,
    String,
    bindparam,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import table_of
from app.core.queue import ring
from app.messages import hours, people, reasons, rules, wishes
from app.messages.calling_off import call_off
from app.messages.facts import Facts
from app.messages.kinds import kind
from app.messages.model import Message, MessageShift
from app.messages.people import Person
from app.shops import frequency


def wish_of(message: Message | people.Had, facts: Facts, wanted: datetime) -> rules.Wish:
    """What decides about a message's moment, for the reader of the facts."""
    chosen = facts.settings.frequency
    return wishes.wish(
        kind(message.kind),
        message.message_class,
        channel=message.channel,
        journey=message.journey or "",
        key=_spread_by(message),
        zone=facts.zone,
        wanted=wanted,
        weekends=frequency.keeps_to_weekends(chosen.weekends, facts.zone),
    )


def _spread_by(message: Message | people.Had) -> str:
    if message.run_id is None:
        return message.key
    ids = message.subject_ids
    return wishes.spread_by(message.journey or "", message.step or "", message.order_id, ids)


def longest_lateness(name: str) -> timedelta | None:
    """How late a kind may be before it is better left unsaid; None when it is always said."""
    return wishes.longest_lateness(kind(name))


def schedule(session: Session, message: Message, facts: Facts) -> None:
    """Give a message the moment the arbiter finds for it, and move what has to yield."""
    settle(session, message, plan_for(session, message, facts))


def plan_for(session: Session, message: Message, facts: Facts) -> rules.Plan:
    """The moment the arbiter finds for a message, and what has to yield. Until the commit nobody
    else plans for the same person."""
    wish = wish_of(message, facts, message.due_at or now(session))
    if not wish.capped:
        return rules.arrange(wish, now(session), (), rules.Caps())
    person = people.hold(session, message.customer_id, message.recipient)
    if _learns_hours(facts, wish):
        past, moments = people.told(session, person)
    else:
        past, moments = people.had(session, person), []
    caps = caps_of(session, person, facts, past)
    booked = _booked(message, past, now(session) - rules.WEEK, facts)
    return rules.arrange(wish, now(session), booked, caps, partial(hours.own, moments))


def settle(session: Session, message: Message, plan: rules.Plan) -> None:
    """Have a plan hold: the message's moment, how it came about, and the moves of others."""
    for other, moved_to in plan.yielding:
        _yield_place(session, session.get_one(Message, (message.shop_id, other.id)), moved_to)
    if plan.at is None:
        call_off(session, message, reasons.NO_PLACE, state="skipped")
        return
    message.state, message.due_at, message.claim_token = "scheduled", plan.at, None
    for shift in plan.shifts:
        write_shift(session, message, shift.moved_from, shift.moved_to, shift.reason)
    if plan.at <= now(session):
        ring(session, f"messages.send_{message.lane}")


def _learns_hours(facts: Facts, wish: rules.Wish) -> bool:
    """Whether a kind that has its hours may go at the one at which this person answers: where
    clicks may be counted."""
    return bool(wish.slots) and frequency.measures(facts.settings.frequency.clicks, facts.country)


def is_bad_moment(session: Session, message: Message, facts: Facts) -> bool:
    """Whether a message that is about to leave had better not, now: it is night, a day off, or the
    person has had enough meanwhile."""
    wish = wish_of(message, facts, now(session))
    if not rules.is_welcome(now(session), wish):
        return True
    if not wish.capped:
        return False
    person = people.hold(session, message.customer_id, message.recipient)
    past, week = people.had(session, person), now(session) - rules.WEEK
    others = [one.sent_at for one in past if one.id != message.id]
    gone = [at for at in others if at is not None and at > week]
    return rules.conflict(now(session), gone, caps_of(session, person, facts, past)) is not None


def caps_of(session: Session, person: Person, facts: Facts, past: list[people.Had]) -> rules.Caps:
    """How much marketing this person gets: as the shop chose, and less when they answer to
    nothing. Where clicks are not counted nobody can be told to be silent."""
    chosen = facts.settings.frequency
    counted = frequency.measures(chosen.clicks, facts.country)
    if counted and people.is_distant(session, person, past):
        return rules.SELDOM
    return rules.Caps(chosen.per_week, timedelta(hours=chosen.apart_h))


def park(session: Session, message: Message, reason: str) -> None:
    """Have a message wait, without a date, until what is in its way is over."""
    if message.state == "claimed":
        message.attempts -= 1
    message.held_from = message.held_from or message.due_at or now(session)
    message.state, message.reason, message.due_at = "scheduled", reason, None
    message.claim_token = message.lease_until = None


def take_up(session: Session, message: Message) -> None:
    """A message that waited goes on; its timeline says how long it was kept back and why."""
    since, why = message.held_from, message.reason
    message.held_from = message.reason = None
    if since is not None and since < now(session):
        write_shift(session, message, since, now(session), why or reasons.HELD)


def write_shift(
    session: Session, message: Message, moved_from: datetime, moved_to: datetime, reason: str
) -> None:
    """Keep that a message was moved, from when to when, and why."""
    session.execute(
        _SHIFT,
        {
            "shop_id": message.shop_id,
            "message_id": message.id,
            "moved_from": moved_from,
            "moved_to": moved_to,
            "reason": reason,
        },
    )


def moves(shifts: Sequence[rules.Shift]) -> dict[str, object]:
    """Moves, as `moving` wants them named."""
    return {
        "moved_from": [one.moved_from for one in shifts],
        "moved_to": [one.moved_to for one in shifts],
        "moved_for": [one.reason for one in shifts],
    }


def moving(made: FromClause) -> Insert:
    """What keeps that a message was moved, for the statement that writes the message itself."""
    each = (
        func.unnest(
            bindparam("moved_from", type_=ARRAY(DateTime(timezone=True))),
            bindparam("moved_to", type_=ARRAY(DateTime(timezone=True))),
            bindparam("moved_for", type_=ARRAY(String)),
        )
        .table_valued("moved_from", "moved_to", "reason")
        .render_derived(name="move")
    )
    names = ["moved_from", "moved_to", "reason"]
    told = select(made.c.shop_id, made.c.id, *(each.c[name] for name in names)).select_from(
        made.join(each, true())
    )
    into = ["shop_id", "message_id", *names]
    return insert(table_of(MessageShift)).from_select(into, told, include_defaults=False)


# Put together once: nearly every message that sells is moved.
_SHIFT = insert(table_of(MessageShift))


def _booked(
    message: Message, past: list[people.Had], since: datetime, facts: Facts
) -> list[rules.Booked]:
    """What of a person's marketing stands in the way of one more: what they had `since` and what
    is to come."""
    moments = [
        (one, one.sent_at or one.due_at)
        for one in past
        if one.id != message.id and one.state in people.COUNTED
    ]
    return [
        # The same reader: the same zone. What differs is the kind's own hours and priority.
        rules.Booked(one.id, at, wish_of(one, facts, at) if one.state == "scheduled" else None)
        for one, at in moments
        if at is not None and (one.sent_at is None or one.sent_at > since)
    ]


def _yield_place(session: Session, message: Message, moved_to: datetime | None) -> None:
    if moved_to is None:
        call_off(session, message, reasons.NO_PLACE, state="skipped")
    elif message.due_at is not None and message.state == "scheduled":
        write_shift(session, message, message.due_at, moved_to, "yielded")
        message.due_at = moved_to
