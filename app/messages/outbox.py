"""A message on its way out: looked at again, frozen, and committed to.

`intend` is one unit of work. The network lies between it and `messages.outcomes`, with no
transaction open; a worker that dies there leaves the row at `sending`, and the sweep calls it in
doubt rather than sending it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import Update, bindparam, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from app.channels.base import Envelope
from app.core.claim import MAX_ATTEMPTS, Claim, claimed_row, give_back
from app.core.clock import machine_now, now
from app.core.db import dispatching, table_of
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.messages import reach, reasons, rules, service
from app.messages.arbiter import is_bad_moment, park, schedule, take_up
from app.messages.braking import held_back
from app.messages.calling_off import call_off
from app.messages.facts import EMAIL, TEST, Facts, claimed, obstacle, of_person, refusal
from app.messages.kinds import MARKETING
from app.messages.model import Message, MessageContent
from app.messages.outcomes import NOT_TAKEN, fail
from app.messages.roads import ABREAST, Road
from app.messages.voices import voice
from app.senders import queries as senders

NAMESPACE = uuid.UUID("6f1c2a54-0b7e-5d6b-9a55-0c5f1a2e7d31")
LEASE = timedelta(minutes=5)
#: Channels whose keys make a second try safe.
KEYED = frozenset({"line"})
#: How long a message of a road that hangs is left alone.
ASIDE = timedelta(seconds=5)


@dataclass(frozen=True)
class Leaving:
    """What goes out next, and by which channel."""

    channel: str
    envelope: Envelope
    road: Road


class Full(Exception):
    """There is no room on the message's road now: the row is left as it was claimed."""

    def __init__(self, road: Road) -> None:
        super().__init__(road.name)
        self.road = road


def intend(
    session: Session, mine: Claim, has_room: Callable[[Road], bool] = lambda _road: True
) -> Leaving | None:
    """Look again, freeze what will be said, and commit to saying it. None when it is not to be
    sent (now): called off, moved, or no longer ours. Raises `Full` where `has_room` says no."""
    found = claimed(session, mine)
    if found is None or found[0].state != "claimed":
        return None
    message = found[0]
    facts = service.facts_of(session, *found)
    if facts.channel != EMAIL and of_person(session, facts):
        facts = reach.fall_back(session, message, facts) or facts
    road = _road(session, message)
    if not has_room(road):
        raise Full(road)
    content = _content(session, message)
    if not _may_leave(session, message, facts):
        return None
    message.send_key = message.send_key or uuid.uuid5(
        NAMESPACE, f"{message.shop_id}/{message.key}/{message.channel}"
    )
    frozen = content is not None
    if content is None:
        # One statement writes all that becomes of the row.
        with session.no_autoflush:
            content = _write(session, message, facts)
    if content is None:
        return None
    message.state, message.sent_at = "sending", now(session)
    message.lease_until = machine_now() + LEASE
    if not frozen:
        _freeze(session, message, content)
    return Leaving(message.channel, voice(message.channel).envelope(session, content), road)


def _road(session: Session, message: Message) -> Road:
    """Which way the message would take, and how many of its kind that way takes at once."""
    if message.channel != EMAIL:
        return Road(
            f"{message.channel}:{message.shop_id}", ABREAST if message.channel in KEYED else 1
        )
    way = senders.sending(session)
    return Road(way.endpoint or EMAIL, ABREAST if way.idempotent else 1)


def stumble(session: Session, mine: Claim, detail: str) -> None:
    """A mistake of ours before anything was sent: back with backoff, then failed, visibly."""
    message: Message | None = claimed_row(session, Message, mine)
    if message is None:
        return
    if message.attempts >= MAX_ATTEMPTS:
        fail(session, message, "error", detail)
    else:
        give_back(message, detail)


def lay_aside(session: Session, mine: Claim) -> None:
    """Give back one that was not touched, for a few seconds: its road hangs."""
    message: Message | None = claimed_row(session, Message, mine)
    if message is not None:
        message.state, message.claim_token, message.lease_until = "scheduled", None, None
        message.attempts -= 1
        message.retry_at = machine_now() + ASIDE


def release(claims: list[Claim]) -> None:
    """Give back what was claimed and not touched: the batch's time was over."""
    if not claims:
        return
    with dispatching() as session:
        session.execute(
            text(
                "UPDATE messages SET state = 'scheduled', claim_token = NULL, lease_until = NULL, "
                "attempts = attempts - 1 "
                "WHERE id = ANY(:ids) AND claim_token = :token AND state = 'claimed'"
            ),
            {"ids": [mine.id for mine in claims], "token": claims[0].token},
        )


def _may_leave(session: Session, message: Message, facts: Facts) -> bool:
    """The second look: consent, order, shop, what is in the way, lateness, hours, caps."""
    reason = refusal(session, facts) or _lacks(facts)
    if reason:
        call_off(session, message, reason, state="skipped")
    elif waits_for := obstacle(facts):
        park(session, message, waits_for)
    elif _is_late(session, message):
        _leave_unsaid(session, message)
    elif is_bad_moment(session, message, facts):
        # A backlog was let go, or an earlier message was late itself: find a better moment.
        take_up(session, message)
        message.due_at, message.lease_until = now(session), None
        message.attempts -= 1
        schedule(session, message, facts)
    elif not held_back(session, message, facts):
        take_up(session, message)
        return True
    return False


def _lacks(facts: Facts) -> str | None:
    return service.missing(facts) if facts.message_class != TEST else None


def _is_late(session: Session, message: Message) -> bool:
    """Late since it was to go; what sells and was kept back starts anew when it is let go."""
    since = message.due_at
    if message.message_class != MARKETING:
        since = message.held_from or since
    longest = message.max_lateness_s
    if longest is None or since is None:
        return False
    return rules.is_late(since, now(session), timedelta(seconds=longest))


def _leave_unsaid(session: Session, message: Message) -> None:
    if message.error:
        # It was tried in time; that it is late is the mail server's doing, or a mistake of ours.
        fail(session, message, NOT_TAKEN if message.send_key else "error", message.error)
    else:
        call_off(session, message, reasons.TOO_LATE, state="skipped")


def _content(session: Session, message: Message) -> MessageContent | None:
    if message.send_key is None:
        # It was never tried: nothing is frozen.
        return None
    return session.scalars(
        select(MessageContent).where(MessageContent.message_id == message.id)
    ).one_or_none()


def _write(session: Session, message: Message, facts: Facts) -> MessageContent | None:
    """Render once and keep it: every later attempt says the same, byte for byte."""
    try:
        with use_locale(message.locale):
            spoken = voice(message.channel).write(session, message, facts)
    except GiveUp as error:
        fail(session, message, reasons.TEMPLATE_ERROR, str(error))
        return None
    if isinstance(spoken, str):
        call_off(session, message, spoken, state="skipped")
        return None
    return MessageContent(
        shop_id=message.shop_id,
        message_id=message.id,
        subject=spoken.subject,
        headers=spoken.headers or {},
        html=spoken.html.encode(),
        plain=spoken.plain.encode(),
        payload=spoken.payload,
    )


def _freeze(session: Session, message: Message, content: MessageContent) -> None:
    """Keep what will be said and that it is being said, in one statement. The row is ours: it was
    locked when it was read."""
    changed = frozenset(_COLUMNS - inspect(message).unmodified)
    said = {f"said_{name}": getattr(content, name) for name in _FROZEN}
    said |= {f"new_{name}": getattr(message, name) for name in changed}
    # Nothing of it is left to be written by the session.
    session.expunge(message)
    session.execute(_leaving(changed), said)


@cache
def _leaving(changed: frozenset[str]) -> Update:
    """Put together once for each set of columns that change: nearly always it is the same."""
    row, content = table_of(Message), table_of(MessageContent)
    keep = insert(content).values(
        {name: bindparam(f"said_{name}", type_=content.c[name].type) for name in _FROZEN}
    )
    return (
        update(row)
        .where(row.c.shop_id == bindparam("said_shop_id"), row.c.id == bindparam("said_message_id"))
        .values({name: bindparam(f"new_{name}", type_=row.c[name].type) for name in changed})
        .add_cte(keep.cte("kept"))
    )


_COLUMNS = frozenset(table_of(Message).c.keys())
_FROZEN = ("shop_id", "message_id", "subject", "headers", "html", "plain", "payload")
