"""Reads of the senders room: by which way mail leaves, how fast it may, and how it is received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session

from app.channels.base import Signature
from app.channels.mime import split_address
from app.core.clock import now
from app.core.keeping import kept
from app.core.runtime import runtime
from app.core.secrets import unseal
from app.senders import rules
from app.senders.model import (
    Brake,
    DeliveryEvent,
    SenderAccount,
    SenderDomain,
    SenderKind,
    SendingDay,
)

MARKETING = "marketing"
#: Providers that take one key for one message, however often it is handed to them.
IDEMPOTENT = frozenset({"resend"})
#: Where mail leaves through a server that does not sign by itself.
SIGNED_HERE = frozenset({"host", "smtp"})
OKAERI = "okaeri"


@dataclass(frozen=True)
class Sending:
    """The way out of a shop's mail. `mailbox` stands in From; `endpoint` is the URL of a server or
    provider with its keys, None for the host's own; `signature` is what to sign with here."""

    provider: str
    mailbox: str
    endpoint: str | None = field(default=None, repr=False)
    signature: Signature | None = None
    active_since: datetime | None = None

    @property
    def idempotent(self) -> bool:
        """Whether handing over the same message again is safe."""
        return self.provider in IDEMPOTENT


@dataclass(frozen=True)
class _Warmth:
    """How well mailboxes know the domain in use, and since when it sends what sells."""

    established: bool
    since: date | None


@dataclass(frozen=True)
class Pace:
    """How fast messages of a lane or kind may leave. `paused` says why none may (`complaints`,
    `kind_stopped`), `per_day` is today's limit and `sent` what left of it already."""

    paused: str | None = None
    per_day: int | None = None
    sent: int = 0
    why: str | None = None

    @property
    def spent(self) -> bool:
        """Whether today's limit is used up."""
        return self.per_day is not None and self.sent >= self.per_day


def sending(session: Session) -> Sending:
    """By which way the bound shop's mail leaves now."""
    return kept(session, "senders.sending", lambda: _sending(session))


def _sending(session: Session) -> Sending:
    account, known = _in_use(session)
    if account is None:
        return Sending(provider="host", mailbox=host_mailbox())
    return Sending(
        provider=account.provider,
        mailbox=account.mailbox or host_mailbox(),
        endpoint=unseal(account.endpoint) if account.endpoint else None,
        signature=_signature(account, known),
        active_since=account.active_since,
    )


def pace(session: Session, lane: str, kind: str | None = None) -> Pace:
    """How fast a lane may send, and whether a kind may at all. Only marketing is ever held."""
    if lane != MARKETING:
        return Pace()
    brakes = kept(session, "senders.braking", lambda: _levels(session))
    stopped = {subject for subject, level in brakes if level == rules.STOP}
    if MARKETING in stopped:
        return Pace(paused="complaints")
    if kind and f"kind:{kind}" in stopped:
        return Pace(paused="kind_stopped")
    limits = [limit for limit in (_warm_up(session), _slowed(session, brakes)) if limit]
    if not limits:
        return Pace()
    per_day, why = min(limits)
    return Pace(per_day=per_day, sent=sent_on(session, today(session)), why=why)


def owner(session: Session, kind: str) -> str:
    """Who sends a kind: `okaeri` or the other tool's name."""
    return kept(session, "senders.owners", lambda: owners(session)).get(kind, OKAERI)


def owners(session: Session) -> dict[str, str]:
    """The kinds that another tool sends, with its name."""
    rows = session.execute(select(SenderKind.kind, SenderKind.owner))
    return {row.kind: row.owner for row in rows}


def active(session: Session) -> SenderAccount | None:
    """The way out in use; None while mail leaves through the host's server in the host's name."""
    return session.scalars(
        select(SenderAccount).where(SenderAccount.state == "active")
    ).one_or_none()


def newest(session: Session) -> SenderAccount | None:
    """What the merchant set up last, whatever became of it."""
    return session.scalars(
        select(SenderAccount).order_by(SenderAccount.id.desc()).limit(1)
    ).one_or_none()


def account(session: Session, account_id: int) -> SenderAccount | None:
    """One way out of the bound shop."""
    return session.get(SenderAccount, (session.info["shop_id"], account_id))


def domain(session: Session, name: str | None) -> SenderDomain | None:
    """What is known of a domain."""
    return session.scalars(
        select(SenderDomain).where(SenderDomain.domain == (name or "").lower())
    ).one_or_none()


def domain_of(mailbox: str | None) -> str:
    """The domain of an address, in lower case."""
    return (mailbox or "").rpartition("@")[2].lower()


def host_mailbox() -> str:
    """The host's own address."""
    return split_address(runtime().settings.mail_from)[1]


def braking(session: Session) -> list[Brake]:
    """What is slowed, stopped or alarming now, the gravest first."""
    order = {rules.STOP: 0, rules.SLOW: 1, rules.ALARM: 2}
    found = session.scalars(select(Brake).where(Brake.ended_at.is_(None))).all()
    return sorted(found, key=lambda brake: (order[brake.level], brake.began_at))


def past_brakes(session: Session, limit: int = 10) -> list[Brake]:
    """What was slowed or stopped and is not any more, newest first."""
    return list(
        session.scalars(
            select(Brake)
            .where(Brake.ended_at.is_not(None))
            .order_by(Brake.ended_at.desc())
            .limit(limit)
        )
    )


def today(session: Session) -> date:
    """The day that limits and figures are counted by, in UTC: the same for every shop and zone."""
    return now(session).date()


def sent_on(session: Session, day: date) -> int:
    """How many marketing messages left on a day."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(SendingDay.sent), 0)).where(
                SendingDay.day == day, SendingDay.lane == MARKETING
            )
        )
        or 0
    )


def sent_by_day(session: Session) -> list[int]:
    """Marketing messages of each of the last seven days before today."""
    here = today(session)
    rows = session.execute(
        select(SendingDay.day, func.sum(SendingDay.sent))
        .where(
            SendingDay.lane == MARKETING,
            SendingDay.day < here,
            SendingDay.day >= here - rules.LATELY,
        )
        .group_by(SendingDay.day)
    )
    return [int(count) for _day, count in rows]


#: The epoch that figures are written to now, for statements that write them.
EPOCH = select(func.coalesce(func.max(Brake.epoch), 0)).scalar_subquery()


def epoch(session: Session) -> int:
    """The epoch that figures are written to now."""
    return int(session.scalar(select(EPOCH)) or 0)


def figures(session: Session, subject: str) -> rules.Figures:
    """How the messages of a subject (`marketing`, `kind:<name>` or `all`) were received in the
    window, without what a person has forgiven."""
    rows = select(*(func.coalesce(func.sum(column), 0) for column in _COUNTS)).where(
        SendingDay.day > today(session) - rules.WINDOW,
        SendingDay.epoch >= _counted_from(session, subject),
    )
    if subject == MARKETING:
        rows = rows.where(SendingDay.lane == MARKETING)
    elif subject.startswith("kind:"):
        rows = rows.where(SendingDay.kind == subject.removeprefix("kind:"))
    return rules.Figures(*(int(count) for count in session.execute(rows).one()))


def about(address: str, message_ids: Sequence[int]) -> ColumnElement[bool]:
    """Which reports are about a person: by where they are reached, and by what they were sent."""
    return or_(DeliveryEvent.address == address, DeliveryEvent.message_id.in_(message_ids))


def reports_about(
    session: Session, address: str, message_ids: Sequence[int]
) -> list[DeliveryEvent]:
    """What providers reported of a person, the oldest first."""
    return list(
        session.scalars(
            select(DeliveryEvent)
            .where(about(address, message_ids))
            .order_by(DeliveryEvent.occurred_at, DeliveryEvent.id)
        )
    )


def reports_of(session: Session, address: str, kind: str, since: datetime) -> int:
    """How many reports of a kind there were about an address since a moment."""
    return int(
        session.scalar(
            select(func.count()).where(
                DeliveryEvent.address == address,
                DeliveryEvent.kind == kind,
                DeliveryEvent.occurred_at >= since,
            )
        )
        or 0
    )


def kinds_sent(session: Session) -> list[str]:
    """The marketing kinds of which anything left in the window."""
    return list(
        session.scalars(
            select(SendingDay.kind)
            .where(SendingDay.day > today(session) - rules.WINDOW, SendingDay.lane == MARKETING)
            .group_by(SendingDay.kind)
            .order_by(SendingDay.kind)
        )
    )


_COUNTS: tuple[Any, ...] = (
    SendingDay.sent,
    SendingDay.delivered,
    SendingDay.hard_bounces,
    SendingDay.soft_bounces,
    SendingDay.complaints,
    SendingDay.unsubscribes,
)


def _counted_from(session: Session, subject: str) -> int:
    return int(
        session.scalar(
            select(func.coalesce(func.max(Brake.epoch), 0)).where(Brake.subject == subject)
        )
        or 0
    )


#: The domain of an account's address, as `domain_of` reads it.
_DOMAIN = func.lower(func.split_part(SenderAccount.mailbox, "@", -1))


def domain_in_use() -> ScalarSelect[str]:
    """The name of the domain that mail leaves in, for statements about it."""
    return select(_DOMAIN).where(SenderAccount.state == "active").scalar_subquery()


def _in_use(session: Session) -> tuple[SenderAccount | None, SenderDomain | None]:
    """The way out in use and what is known of its domain."""
    row = session.execute(
        select(SenderAccount, SenderDomain)
        .outerjoin(
            SenderDomain,
            and_(
                SenderDomain.shop_id == SenderAccount.shop_id,
                SenderDomain.domain == _DOMAIN,
            ),
        )
        .where(SenderAccount.state == "active")
    ).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def is_cold(session: Session) -> bool:
    """Whether nothing that sells has left in the name of the domain in use."""
    warmth = kept(session, "senders.warmth", lambda: _warmth(session))
    return warmth is not None and warmth.since is None


def _warmth(session: Session) -> _Warmth | None:
    known = _in_use(session)[1]
    return None if known is None else _Warmth(known.established, known.warming_since)


def _warm_up(session: Session) -> tuple[int, str] | None:
    warmth = kept(session, "senders.warmth", lambda: _warmth(session))
    if warmth is None or warmth.established:
        return None
    day = rules.warm_up_day(warmth.since, today(session))
    limit = rules.warm_up_limit(day)
    return None if limit is None else (limit, "warm_up")


def _levels(session: Session) -> list[tuple[str, str]]:
    return [(brake.subject, brake.level) for brake in braking(session)]


def _slowed(session: Session, brakes: list[tuple[str, str]]) -> tuple[int, str] | None:
    if any(level == rules.SLOW for _subject, level in brakes):
        return rules.slow_limit(sent_by_day(session)), "slowed"
    return None


def _signature(using: SenderAccount, known: SenderDomain | None) -> Signature | None:
    """What to sign with, once the public half can be found in the DNS: a signature that nobody can
    check fails DMARC where none at all might pass."""
    if using.provider not in SIGNED_HERE or known is None or not is_signed(known):
        return None
    return Signature(known.domain, known.selector, unseal(known.private_key))


def records_amiss(session: Session) -> int:
    """How many DNS records of the domain in use are missing or wrong, as of the last look."""
    using = active(session)
    known = domain(session, domain_of(using.mailbox)) if using and using.mailbox else None
    states = [found.get("state") for found in known.findings] if known else []
    return sum(state in rules.AMISS for state in states)


def is_signed(known: SenderDomain) -> bool:
    """Whether our key was seen in the DNS at the last look."""
    return any(
        found.get("purpose") == "dkim" and found.get("state") == "found"
        for found in known.findings
        if found.get("ours")
    )
