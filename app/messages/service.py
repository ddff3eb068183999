"""Decide what a person gets: compose, let go, say once more, stop. The moment is found in
`messages.arbiter`, the channel in `messages.reach`; sending itself is `messages.outbox`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.consent import service as consent
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.queue import ring
from app.journal.service import record
from app.messages import reach, reasons, rules
from app.messages.alerts import warn
from app.messages.arbiter import (
    longest_lateness,
    park,
    plan_for,
    schedule,
    settle,
    take_up,
)
from app.messages.calling_off import (
    call_off,
    cancel_all,
    cancel_for_order,
    cancel_for_person,
    cancel_for_refunded_lines,
    cancel_marketing,
    cancel_run,
    cancel_to_address,
    waiting,
    withdraw,
)
from app.messages.events import MessageResent, PersonStopped
from app.messages.facts import TEST, Facts, Rows, gather, obstacle, refusal
from app.messages.kinds import MARKETING, Kind, kind
from app.messages.lanes import lane_of
from app.messages.model import Message
from app.messages.queries import by_id
from app.messages.trials import compose_test
from app.messages.writing import as_message, by_key, write
from app.mirror import queries as mirror

__all__ = [
    "Intent",
    "SaidJustNow",
    "by_key",
    "call_off",
    "cancel_all",
    "cancel_for_order",
    "cancel_for_refunded_lines",
    "cancel_marketing",
    "cancel_run",
    "cancel_to_address",
    "compose",
    "compose_test",
    "facts_of",
    "let_go",
    "let_go_all",
    "missing",
    "resend",
    "say_again",
    "stop_person",
    "try_again_now",
    "warn",
    "withdraw",
]

#: What a message waits for until something is over for its reader or its order.
KEPT = (reasons.HELD, reasons.PARCEL_MISSING)
#: Nobody means to say the same twice within so long: the second press of a button, or of a
#: colleague's.
BREATH = timedelta(minutes=5)
#: What may be said once more: it left the house, or it could not.
REPEATABLE = (
    *("sent", "delivered", "bounced", "complained"),
    *("failed", "in_doubt", "closed", "skipped", "cancelled"),
)


class SaidJustNow(Conflict):
    """It was said once more a moment ago."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A wish to say something. `key` names it for good (`<journey>:<run id>:<step>`): composing it
    twice yields the first row. `due_at` is when the journey would like it to arrive.

    `journey` and `step` say where it comes from; `channel` is the step's wish, and without one the
    arbiter chooses. `subject_ids` are ids besides the order: `parcel_id`, `line_id`. `skip` is a
    reason code with which the journey itself has decided against it, so that the timeline shows it
    all the same.
    """

    key: str
    kind: str
    journey: str
    due_at: datetime
    order_id: int | None
    customer_id: int | None
    run_id: int | None = None
    step: str = ""
    channel: str | None = None
    subject_ids: dict[str, int] = field(default_factory=dict)
    skip: str | None = None


def compose(session: Session, intent: Intent) -> Message:
    """Decide about a message: the row is `scheduled` for the moment that suits its reader, waits
    for what is in its way, or is `skipped` with the reason. Idempotent on the intent's key."""
    facts = gather(
        session,
        kind(intent.kind),
        order_id=intent.order_id,
        customer_id=intent.customer_id,
        subject_ids=intent.subject_ids,
    )
    way = reach.choose(session, facts, intent.channel)
    row = _row(session, intent, way)
    verdict = _decide(session, row, way, intent.skip)
    if verdict.plan and verdict.plan.at:
        # What goes out as planned, as nearly everything does, is written in one statement.
        row |= {"state": "scheduled", "due_at": verdict.plan.at}
    message, fresh = write(session, row, verdict.plan)
    if fresh:
        _carry_out(session, message, verdict)
    return message


@dataclass(frozen=True)
class _Verdict:
    """Why a message is not to go, or what it has to wait for, or when it goes."""

    skipped: str | None = None
    waits_for: str | None = None
    plan: rules.Plan | None = None


def _decide(session: Session, row: dict[str, Any], way: reach.Way, skip: str | None) -> _Verdict:
    facts, due = way.facts, row["due_at"] or now(session)
    late = rules.is_late(due, now(session), longest_lateness(facts.kind.name))
    refused = skip or refusal(session, facts, agreed=way.agreed)
    if reason := refused or missing(facts) or (late and reasons.TOO_LATE):
        return _Verdict(skipped=reason)
    if waits_for := obstacle(facts):
        return _Verdict(waits_for=waits_for)
    return _Verdict(plan=plan_for(session, as_message(row), facts))


def _carry_out(session: Session, message: Message, verdict: _Verdict) -> None:
    if verdict.skipped:
        call_off(session, message, verdict.skipped, state="skipped")
    elif verdict.waits_for:
        park(session, message, verdict.waits_for)
    elif verdict.plan:
        # Its moves were written with the row.
        settle(session, message, structs.replace(verdict.plan, shifts=()))


def facts_of(session: Session, message: Message, rows: Rows | None = None) -> Facts:
    """What is known of a composed message's reader and subject by now."""
    return gather(
        session,
        kind(message.kind),
        order_id=message.order_id or message.subject_ids.get("order_id"),
        customer_id=message.customer_id,
        subject_ids=message.subject_ids,
        recipient=message.recipient,
        channel=message.channel,
        message_class=message.message_class,
        locale=message.locale,
        rows=rows,
    )


def missing(facts: Facts) -> str | None:
    """Which of the things its kind needs a message lacks; None when it has them all."""
    lines_wanted = {"line", "run_out"} & facts.kind.needs
    if lines_wanted and facts.line is None:
        return reasons.NO_PRODUCT
    if "parcel" in facts.kind.needs and facts.parcel is None:
        return reasons.PARCEL_CANCELLED
    return None


# --- what waited --------------------------------------------------------------------------------


def let_go(session: Session, *, customer_id: int | None, order_id: int | None) -> int:
    """Something is over for a person or an order: what waited for it goes on, the most
    important first, unless something else is still in its way. Returns how many go on."""
    mine = [
        column == value
        for column, value in ((Message.customer_id, customer_id), (Message.order_id, order_id))
        if value is not None
    ]
    query = waiting().where(or_(*mine), Message.reason.in_(KEPT), Message.due_at.is_(None))
    found = _in_time(session, session.scalars(query).all() if mine else [])
    since = {row.id: row.held_from or now(session) for row in found}
    first = {row.run_id: min(since[r.id] for r in found if r.run_id == row.run_id) for row in found}
    gone = 0
    for message in sorted(found, key=lambda r: (-kind(r.kind).priority, since[r.id], r.id)):
        facts = facts_of(session, message)
        if waits_for := obstacle(facts):
            message.reason = waits_for
        else:
            # Lateness counts from here. What was meant for a later day keeps its day, and the
            # steps of one run the days between them.
            after = since[message.id] - first[message.run_id] if message.run_id else timedelta(0)
            message.due_at = max(since[message.id], now(session) + after)
            take_up(session, message)
            schedule(session, message, facts)
            gone += 1
    return gone


def _in_time(session: Session, found: Sequence[Message]) -> list[Message]:
    """Those that are still of use; what is not about selling is called off when it is too late."""
    kept = []
    for message in found:
        own = longest_lateness(message.kind) if message.message_class != MARKETING else None
        if rules.is_late(message.held_from or now(session), now(session), own):
            call_off(session, message, reasons.TOO_LATE, state="skipped")
        else:
            kept.append(message)
    return kept


def let_go_all(session: Session, reason: str) -> None:
    """What waited for the whole shop (the end of a pause, of a disaster) goes on; each is looked
    at again when it leaves. One statement: there may be tens of thousands."""
    session.execute(
        update(Message)
        .where(Message.state == "scheduled", Message.due_at.is_(None), Message.reason == reason)
        .values(due_at=func.greatest(Message.held_from, now(session)))
    )
    for lane in session.scalars(select(Message.lane).where(Message.reason == reason).distinct()):
        ring(session, f"messages.send_{lane}")


def try_again_now(session: Session) -> None:
    """Have messages that wait for their next try go at once: the mail server's address is a new
    one."""
    retrying = session.scalars(waiting().where(Message.retry_at.is_not(None))).all()
    for message in retrying:
        message.retry_at = None
    for lane in sorted({message.lane for message in retrying}):
        ring(session, f"messages.send_{lane}")


# --- one customer at a time ---------------------------------------------------------------------


def resend(session: Session, customer_id: int, message_id: int, staff: str) -> Message:
    """Say a customer's message once more, the way it went: a new row with a key and a content of
    its own, decided about as if it were composed now (consent, order, caps). `staff` is the number
    of who wants it. Raises `NotFound`, `Conflict` while the first one is still to come, and
    `SaidJustNow` when it was said again a moment ago or is about to be."""
    first = by_id(session, message_id)
    if first.customer_id != customer_id:
        raise NotFound
    # Two presses of one button come one after the other.
    session.refresh(first, with_for_update=True)
    if first.state not in REPEATABLE or first.message_class == TEST:
        raise Conflict
    if _again_lately(session, first):
        raise SaidJustNow
    again = say_again(session, first)
    record(
        session,
        MessageResent(
            occurred_at=now(session),
            order_id=first.order_id,
            customer_id=first.customer_id,
            message_id=again.id,
            of_message_id=first.id,
            staff=staff,
        ),
    )
    return again


def _again_lately(session: Session, first: Message) -> bool:
    """Whether what a message says was said once more a moment ago, or is still to be."""
    again = Message.key.startswith(f"{first.key.partition('~')[0]}~", autoescape=True)
    coming = Message.state.in_(("scheduled", "claimed", "sending"))
    lately = func.coalesce(Message.sent_at, Message.created_at) > now(session) - BREATH
    # What was decided against reached nobody.
    reached = Message.state.not_in(("skipped", "cancelled"))
    found = select(Message.id).where(again, or_(coming, and_(lately, reached))).limit(1)
    return session.scalar(found) is not None


def say_again(session: Session, first: Message) -> Message:
    """A message once more, as `resend` says it, because what was in its way is gone."""
    root = first.key.partition("~")[0]
    times = session.scalar(select(func.count()).where(Message.key.startswith(f"{root}~")))
    return compose(
        session,
        Intent(
            key=f"{root}~{(times or 0) + 2}",
            kind=first.kind,
            journey=first.journey or "",
            step=first.step or "",
            due_at=now(session),
            order_id=first.order_id,
            customer_id=first.customer_id,
            run_id=first.run_id,
            channel=first.channel if first.sent_at else None,
            subject_ids=dict(first.subject_ids),
        ),
    )


def stop_person(session: Session, customer_id: int, who: str) -> int:
    """Call off everything that was coming for a person and take back their marketing consent on
    every channel, because `who` of the staff says so. Returns how many messages were called off."""
    customer = mirror.customer(session, customer_id)
    count = cancel_for_person(session, customer_id, reasons.STOPPED)
    if customer is not None:
        consent.stop_everywhere(session, customer, "admin", {"where": "admin", "staff": who})
    record(
        session,
        PersonStopped(occurred_at=now(session), customer_id=customer_id, who=who, count=count),
    )
    return count


def _row(session: Session, intent: Intent, way: reach.Way) -> dict[str, Any]:
    """What is known of a message before anything is decided about it."""
    facts = way.facts
    chosen: Kind = facts.kind
    lateness = longest_lateness(chosen.name)
    return {
        "shop_id": session.info["shop_id"],
        "key": intent.key,
        "kind": chosen.name,
        "message_class": chosen.message_class,
        "channel": facts.channel,
        "fallback": list(way.rest),
        "locale": facts.locale,
        "journey": intent.journey or None,
        "step": intent.step or None,
        "run_id": intent.run_id,
        "order_id": intent.order_id,
        "customer_id": facts.customer.id if facts.customer else None,
        "recipient": facts.address or None,
        "subject_ids": intent.subject_ids,
        "state": "composing",
        "lane": lane_of(facts.channel, chosen.message_class),
        "attempts": 0,
        "counts_opens": False,
        "counts_clicks": False,
        "due_at": intent.due_at,
        "max_lateness_s": None if lateness is None else int(lateness.total_seconds()),
    }
