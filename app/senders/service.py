"""The verbs of the senders room: set up a way out, count what became of mail, brake and let go."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import FromClause, bindparam, delete, literal, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app.core.clock import machine_now, now
from app.core.db import table_of
from app.core.errors import NotFound
from app.core.secrets import seal
from app.journal.service import record
from app.senders import queries, rules
from app.senders.events import (
    DomainAmiss,
    SenderActivated,
    SenderEntered,
    SendingBraked,
    SendingResumed,
)
from app.senders.model import (
    Brake,
    DeliveryEvent,
    SenderAccount,
    SenderDomain,
    SenderKind,
    SendingDay,
)

#: The key that mailboxes accept everywhere (RFC 8301) and every DNS can hold.
KEY_BITS = 2048
SELECTOR = "okaeri"


# --- the way out --------------------------------------------------------------------------------


def enter(
    session: Session,
    *,
    provider: str,
    mailbox: str | None,
    endpoint: str | None,
    shown: str,
    hook_secret: str | None = None,
) -> SenderAccount:
    """Keep what the merchant entered, sealed, and have it proven. Mail goes on leaving as before
    until it is."""
    _retire(session, "checking", "refused")
    made = SenderAccount(
        shop_id=session.info["shop_id"],
        provider=provider,
        mailbox=mailbox,
        endpoint=endpoint and seal(endpoint),
        shown=shown,
        hook_secret=hook_secret and seal(hook_secret),
        state="checking",
    )
    session.add(made)
    session.flush()
    if mailbox:
        prepare_domain(session, queries.domain_of(mailbox))
    record(session, SenderEntered(occurred_at=now(session), account_id=made.id))
    return made


def prove_again(session: Session) -> None:
    """Have what was refused tried once more."""
    found = queries.newest(session)
    if found is not None and found.state == "refused":
        found.state, found.detail = "checking", None
        record(session, SenderEntered(occurred_at=now(session), account_id=found.id))


def activate(session: Session, account_id: int, wanted: list[dict[str, Any]]) -> None:
    """The keys are proven: mail leaves this way from now on. `wanted` are the DNS records that the
    provider asks for."""
    found = _account(session, account_id)
    if found.state != "checking":
        return
    _retire(session, "active")
    found.state, found.detail, found.checked_at = "active", None, now(session)
    found.active_since = machine_now()
    known = queries.domain(session, queries.domain_of(found.mailbox))
    if known is not None:
        known.wanted = wanted
    record(session, SenderActivated(occurred_at=now(session), provider=found.provider))


def refuse(session: Session, account_id: int, detail: str) -> None:
    """The keys do not work; what was used before stays in use."""
    found = _account(session, account_id)
    if found.state == "checking":
        found.state, found.detail, found.checked_at = "refused", detail[:300], now(session)


def keep_hook_secret(session: Session, secret: str) -> None:
    """Keep the secret with which the provider in use signs its reports."""
    found = queries.active(session)
    if found is None:
        raise NotFound
    found.hook_secret = seal(secret)


def learn_topic(session: Session, account_id: int, topic: str) -> None:
    """Keep the topic of Amazon's notifications: from now on no other one is believed."""
    _account(session, account_id).hook_secret = seal(topic)


def go_back(session: Session) -> None:
    """Mail leaves through the host's server in the host's name again."""
    _retire(session, "active", "checking", "refused")
    record(session, SenderActivated(occurred_at=now(session), provider="host"))


# --- domains ------------------------------------------------------------------------------------


def prepare_domain(session: Session, name: str) -> SenderDomain:
    """The domain with a signing key of its own; made once and kept, since its public half is in
    the merchant's DNS."""
    known = queries.domain(session, name)
    if known is not None:
        return known
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    made = SenderDomain(
        shop_id=session.info["shop_id"],
        domain=name,
        selector=SELECTOR,
        private_key=seal(private.decode()),
        public_key=base64.b64encode(public).decode(),
    )
    session.add(made)
    session.flush()
    return made


def keep_findings(session: Session, name: str, findings: list[dict[str, Any]]) -> None:
    """Keep what a look at the DNS saw."""
    known = queries.domain(session, name)
    if known is None:
        return
    gone = rules.gone(known.findings, findings)
    known.findings, known.checked_at = findings, now(session)
    using = queries.active(session)
    if gone and using is not None and queries.domain_of(using.mailbox) == known.domain:
        record(session, DomainAmiss(occurred_at=now(session), domain=known.domain, records=gone))


def call_established(session: Session, name: str, *, established: bool) -> None:
    """The merchant's word that newsletters have left in the domain's name before."""
    known = queries.domain(session, name)
    if known is None:
        raise NotFound
    known.established = established


# --- one owner per message ----------------------------------------------------------------------


def hand_to(session: Session, kind: str, owner: str) -> None:
    """Name the tool that sends a kind; `okaeri` takes it back."""
    session.execute(delete(SenderKind).where(SenderKind.kind == kind))
    if owner != queries.OKAERI:
        session.add(SenderKind(shop_id=session.info["shop_id"], kind=kind, owner=owner[:32]))


# --- figures ------------------------------------------------------------------------------------


def note_sent(session: Session, kind: str, lane: str) -> None:
    """A server took a message."""
    _count(session, queries.today(session), kind, lane, "sent")
    begin_warm_up(session, lane)


def counting(of: FromClause) -> Insert:
    """What counts each row of `of` (`shop_id`, `day`, `kind` and `lane`) as a message that a server
    took, for a statement of another room to carry; `begin_warm_up` is to follow."""
    named = [of.c.shop_id, of.c.day, queries.EPOCH, of.c.kind, of.c.lane]
    counted = select(*named, *(literal(int(what == "sent")) for what in _MEASURED))
    return (
        insert(_DAY)
        .from_select(
            ["shop_id", "day", "epoch", "kind", "lane", *_MEASURED], counted, include_defaults=False
        )
        .on_conflict_do_update(**_more("sent"))
    )


def begin_warm_up(session: Session, lane: str) -> None:
    """The first marketing mail in a domain's name begins its warm-up."""
    if lane != queries.MARKETING or not queries.is_cold(session):
        return
    session.execute(
        update(SenderDomain)
        .where(SenderDomain.warming_since.is_(None), SenderDomain.domain == queries.domain_in_use())
        .values(warming_since=queries.today(session))
    )


def note_outcome(session: Session, kind: str, lane: str, outcome: str) -> None:
    """How a message was received: `delivered`, `hard_bounces`, `soft_bounces`, `complaints` or
    `unsubscribes`. It counts on the day it is heard of. What it means for sending is decided at
    once."""
    _count(session, queries.today(session), kind, lane, outcome)
    if outcome != "delivered":
        weigh(session)


def keep_report(
    session: Session,
    *,
    provider: str,
    event_id: str,
    kind: str,
    message_id: int | None,
    address: str | None,
    occurred_at: datetime,
    detail: str = "",
) -> bool:
    """Keep a provider's report once; whether it was new."""
    made = session.execute(
        insert(DeliveryEvent)
        .values(
            shop_id=session.info["shop_id"],
            provider=provider,
            event_id=event_id[:160],
            kind=kind,
            message_id=message_id,
            address=address,
            detail=detail[:500] or None,
            occurred_at=occurred_at,
        )
        .on_conflict_do_nothing()
        .returning(DeliveryEvent.id)
    ).scalar_one_or_none()
    return made is not None


def erase_reports(session: Session, address: str, message_ids: Sequence[int]) -> int:
    """Forget whom reports were about; the counts stay. Returns how many."""
    return len(
        session.execute(
            update(DeliveryEvent)
            .where(queries.about(address, message_ids))
            .values(address=None, detail=None)
            .returning(DeliveryEvent.id)
        ).all()
    )


def weigh(session: Session) -> None:
    """Look at the figures and brake or let go. A stop holds until a person lets go; what is slowed
    or alarming ends when the figures recover."""
    subjects = [
        (queries.MARKETING, rules.COMPLAINTS),
        (queries.MARKETING, rules.BOUNCES),
        *((f"kind:{kind}", rules.UNSUBSCRIBES) for kind in queries.kinds_sent(session)),
    ]
    holding = {(brake.subject, brake.measure): brake for brake in queries.braking(session)}
    for subject, measure in subjects:
        figures = queries.figures(session, subject)
        level = rules.level(figures, measure)
        brake = holding.get((subject, measure))
        if brake is None:
            if level is not None:
                _brake(session, subject, level, measure, figures)
        elif brake.level != rules.STOP:
            _tighten_or_recover(session, brake, level, figures)


def let_go(session: Session, brake_id: int, staff: str) -> Brake:
    """A person lets sending go on. What was counted so far is forgiven: it would stop the very
    next message again."""
    brake = session.get(Brake, (session.info["shop_id"], brake_id))
    if brake is None:
        raise NotFound
    if brake.ended_at is None:
        brake.epoch = queries.epoch(session) + 1
        brake.ended_by = staff[:64]
        _end(session, brake)
    return brake


def _brake(
    session: Session, subject: str, level: str, measure: str, figures: rules.Figures
) -> None:
    session.add(
        Brake(
            shop_id=session.info["shop_id"],
            subject=subject,
            level=level,
            measure=measure,
            count=figures.count(measure),
            total=figures.sent,
            began_at=now(session),
        )
    )
    record(
        session,
        SendingBraked(occurred_at=now(session), subject=subject, level=level, measure=measure),
    )


def _tighten_or_recover(
    session: Session, brake: Brake, level: str | None, figures: rules.Figures
) -> None:
    if level is None:
        _end(session, brake)
        return
    if level != brake.level:
        record(
            session,
            SendingBraked(
                occurred_at=now(session), subject=brake.subject, level=level, measure=brake.measure
            ),
        )
    brake.level = level
    brake.count, brake.total = figures.count(brake.measure), figures.sent


def _end(session: Session, brake: Brake) -> None:
    brake.ended_at = now(session)
    record(
        session,
        SendingResumed(occurred_at=now(session), subject=brake.subject, level=brake.level),
    )


def _count(session: Session, day: date, kind: str, lane: str, what: str) -> None:
    told = {"shop_id": session.info["shop_id"], "day": day, "kind": kind, "lane": lane}
    session.execute(_COUNTING[what], told)


def _more(what: str) -> dict[str, Any]:
    return {
        "index_elements": ["shop_id", "day", "epoch", "kind"],
        "set_": {what: _DAY.c[what] + 1},
    }


_MEASURED = ("sent", "delivered", "hard_bounces", "soft_bounces", "complaints", "unsubscribes")
_DAY = table_of(SendingDay)
#: What counts one more of each, put together once: every message that is taken is counted.
_COUNTING = {
    what: insert(_DAY)
    .values(
        shop_id=bindparam("shop_id"),
        day=bindparam("day"),
        epoch=queries.EPOCH,
        kind=bindparam("kind"),
        lane=bindparam("lane"),
        **{**dict.fromkeys(_MEASURED, 0), what: 1},
    )
    .on_conflict_do_update(**_more(what))
    for what in _MEASURED
}


def _retire(session: Session, *states: str) -> None:
    session.execute(
        update(SenderAccount).where(SenderAccount.state.in_(states)).values(state="retired")
    )
    session.flush()


def _account(session: Session, account_id: int) -> SenderAccount:
    found = session.scalars(
        select(SenderAccount).where(SenderAccount.id == account_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
