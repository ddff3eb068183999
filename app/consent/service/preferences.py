"""The preference centre's verbs: what a person receives, topic by topic and channel by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.model import CHANNELS, GENERAL, ORDERS, TOPICS, UNDIVIDED
from app.consent.service import holds
from app.consent.service.ledger import grant, unsubscribe, withdraw
from app.consent.service.permission import general_word, standing
from app.core.clock import now
from app.mirror.model import Customer

PAUSE = timedelta(days=30)
PAUSED = "customer_pause"
#: Two words of one moment need an order.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Preferences:
    """What stands on the page. `ticked` holds the (channel, topic) pairs that were granted and
    nothing else; `as_customer` says that mail goes out although nobody granted anything, because
    being a customer is enough; `blocked` that the mailbox has refused or reported our mail."""

    channels: tuple[str, ...]
    #: What can be ticked on each channel.
    offered: Mapping[str, tuple[str, ...]]
    ticked: frozenset[tuple[str, str]]
    paused_until: datetime | None
    as_customer: bool
    blocked: bool


def preferences(session: Session, customer: Customer) -> Preferences:
    """What a person receives now."""
    kept = queries.words(session, customer.id)
    linked = queries.addresses(session, customer.id)
    agreed = {on for (on, topic), word in kept.items() if topic == GENERAL and word.granted}
    channels = ("email", *sorted({*linked, *(agreed & UNDIVIDED)}))
    ticked = set()
    for channel in channels:
        general = general_word(session, customer, channel, kept.get((channel, GENERAL)))[0]
        if channel in UNDIVIDED:
            ticked |= {(channel, GENERAL)} if general and general.granted else set()
            continue
        for topic in TOPICS:
            word = rules.verdict(general, rules.word_of(kept.get((channel, topic))))
            if word is not None and word.granted:
                ticked.add((channel, topic))
        notices = kept.get((channel, ORDERS))
        if channel != "email" and (notices is None or notices.granted):
            ticked.add((channel, ORDERS))
    mail = standing(session, customer, address=customer.email or "", channel="email")
    pause = next((h for h in queries.holds(session, customer.id) if h.reason == PAUSED), None)
    return Preferences(
        channels=channels,
        offered={channel: _offered(channel) for channel in channels},
        ticked=frozenset(ticked),
        paused_until=pause.until if pause else None,
        as_customer=mail.granted is None and rules.refusal(mail, rules.MARKETING) is None,
        blocked=rules.SUPPRESSED in (rules.refusal(mail, c) for c in rules.CLASSES),
    )


def _offered(channel: str) -> tuple[str, ...]:
    if channel in UNDIVIDED:
        return (GENERAL,)
    return TOPICS if channel == "email" else (ORDERS, *TOPICS)


def save_preferences(
    session: Session,
    customer: Customer,
    wanted: frozenset[tuple[str, str]],
    source: str,
    evidence: Mapping[str, Any],
) -> None:
    """Make what a person receives equal to what they ticked; only what differs is written down."""
    before = preferences(session, customer)
    for channel in before.channels:
        chosen = {topic for on, topic in wanted if on == channel}
        had = {topic for on, topic in before.ticked if on == channel}
        if channel in UNDIVIDED:
            _save_undivided(session, customer, channel, chosen, had, source, evidence)
            continue
        _save_notices(session, customer, channel, chosen, had, source, evidence)
        offered, had = chosen & set(TOPICS), had & set(TOPICS)
        receives = bool(had) or (channel == "email" and before.as_customer)
        if not offered:
            if receives:
                stop(session, customer, channel, source, evidence)
        else:
            _save_topics(session, customer, channel, offered, had, source, evidence)


def stop(
    session: Session,
    customer: Customer,
    channel: str,
    source: str,
    evidence: Mapping[str, Any],
) -> None:
    """No more marketing by a channel."""
    address = customer.email if channel == "email" else None
    unsubscribe(session, customer.id, address, source, channel=channel, evidence=dict(evidence))


def stop_everywhere(
    session: Session, customer: Customer, source: str, evidence: Mapping[str, Any]
) -> None:
    """No more marketing by any channel, whether or not the person is reached by it yet."""
    # E-mail last: the ledger shows its newest entry first, and it is what most people look for.
    for channel in reversed(CHANNELS):
        stop(session, customer, channel, source, evidence)


def pause(session: Session, customer: Customer) -> None:
    """Everything that sells waits for thirty days, or until the person says otherwise."""
    holds.hold(session, customer_id=customer.id, reason=PAUSED, until=now(session) + PAUSE)


def resume(session: Session, customer: Customer) -> None:
    """The rest is over early."""
    holds.release(session, customer_id=customer.id, reason=PAUSED)


def _save_topics(
    session: Session,
    customer: Customer,
    channel: str,
    chosen: set[str],
    had: set[str],
    source: str,
    evidence: Mapping[str, Any],
) -> None:
    moment = _after_the_last_word(session, customer, channel)
    general = general_word(
        session, customer, channel, queries.newest(session, customer.id, channel)
    )[0]
    if chosen == set(TOPICS) and (general is None or not general.granted):
        grant(
            session,
            customer.id,
            channel=channel,
            source=source,
            occurred_at=moment,
            evidence=dict(evidence),
        )
    for topic in sorted(chosen - had):
        grant(
            session,
            customer.id,
            channel=channel,
            topic=topic,
            source=source,
            occurred_at=moment,
            evidence=dict(evidence),
        )
    for topic in sorted(set(TOPICS) - chosen):
        newest = queries.newest(session, customer.id, channel, topic)
        if topic in had or newest is None or newest.granted:
            withdraw(
                session,
                customer.id,
                channel=channel,
                topic=topic,
                source=source,
                evidence=dict(evidence),
            )


def _save_undivided(
    session: Session,
    customer: Customer,
    channel: str,
    chosen: set[str],
    had: set[str],
    source: str,
    evidence: Mapping[str, Any],
) -> None:
    if GENERAL in had - chosen:
        stop(session, customer, channel, source, evidence)
    elif GENERAL in chosen - had:
        grant(
            session,
            customer.id,
            channel=channel,
            source=source,
            occurred_at=_after_the_last_word(session, customer, channel),
            evidence=dict(evidence),
        )


def _save_notices(
    session: Session,
    customer: Customer,
    channel: str,
    chosen: set[str],
    had: set[str],
    source: str,
    evidence: Mapping[str, Any],
) -> None:
    if channel == "email" or (ORDERS in chosen) == (ORDERS in had):
        return
    if ORDERS in chosen:
        grant(
            session,
            customer.id,
            channel=channel,
            topic=ORDERS,
            source=source,
            occurred_at=_after_the_last_word(session, customer, channel),
            evidence=dict(evidence),
        )
    else:
        withdraw(
            session,
            customer.id,
            channel=channel,
            topic=ORDERS,
            source=source,
            evidence=dict(evidence),
        )


def _after_the_last_word(session: Session, customer: Customer, channel: str) -> datetime:
    """Now, or just after whatever is dated later: what is said last counts."""
    said = [
        word.occurred_at + INSTANT
        for (on, _topic), word in queries.words(session, customer.id).items()
        if on == channel
    ]
    if channel == "email" and customer.marketing_updated_at is not None:
        said.append(customer.marketing_updated_at + INSTANT)
    return max([now(session), *said])
