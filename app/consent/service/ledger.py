"""The ledger of decisions: append-only, with the evidence of each (rules.md EM-1)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import queries
from app.consent.events import Subscribed, Unsubscribed
from app.consent.model import GENERAL, ConsentRecord, ConsentRequest, ConsentText
from app.consent.service import suppressions
from app.core.clock import now
from app.journal.service import record
from app.mirror import queries as mirror


def grant(
    session: Session,
    customer_id: int,
    *,
    channel: str,
    source: str,
    occurred_at: datetime,
    evidence: dict[str, Any] | None = None,
    topic: str = GENERAL,
    announce: bool = True,
) -> bool:
    """Write a consent into the ledger, lift what an earlier unsubscription put on the address, and
    announce `Subscribed` for consent to everything, unless the world knows already (`announce`).
    A consent that is older than the newest word of the ledger is kept as evidence only, and
    answered False."""
    if not write(session, customer_id, channel, True, source, occurred_at, evidence, topic=topic):
        return False
    customer = mirror.customer(session, customer_id)
    suppressions.lift(session, channel, customer.email if customer else None, occurred_at)
    if topic == GENERAL and announce:
        record(
            session,
            Subscribed(
                occurred_at=occurred_at, customer_id=customer_id, channel=channel, scope=GENERAL
            ),
        )
    return True


def withdraw(
    session: Session,
    customer_id: int,
    *,
    channel: str,
    topic: str,
    source: str,
    evidence: dict[str, Any] | None = None,
) -> None:
    """Take back one topic on one channel, from now on; `unsubscribe` takes back everything."""
    newest = queries.newest(session, customer_id, channel, topic)
    moment = max(now(session), newest.occurred_at) if newest else now(session)
    write(session, customer_id, channel, False, source, moment, evidence, topic=topic)


def unsubscribe(
    session: Session,
    customer_id: int,
    address: str | None,
    source: str,
    *,
    channel: str = "email",
    evidence: dict[str, Any] | None = None,
) -> bool:
    """Stop all marketing to a customer by a channel at once and announce `Unsubscribed`; the second
    time changes nothing. `source` says by what: `one-click`, `page`, `admin`, `import`."""
    known = [
        word
        for (on, topic), word in queries.words(session, customer_id).items()
        if on == channel and topic != "orders"
    ]
    general = next((word for word in known if word.topic == GENERAL), None)
    if general is not None and not general.granted and not _granted_since(known, general):
        return False
    moment = max([now(session), *(word.occurred_at for word in known)])
    write(session, customer_id, channel, False, source, moment, evidence)
    suppressions.put(session, channel, address, GENERAL, suppressions.UNSUBSCRIBED)
    record(
        session,
        Unsubscribed(
            occurred_at=now(session), customer_id=customer_id, channel=channel, scope=GENERAL
        ),
    )
    return True


def keep_text(session: Session, text: str, locale: str) -> str:
    """Keep the words somebody agrees to, once; the hash names them in a record's evidence."""
    digest = hashlib.sha256(f"{locale}\n{text}".encode()).hexdigest()
    session.execute(
        insert(ConsentText)
        .values(shop_id=session.info["shop_id"], hash=digest, locale=locale, text=text)
        .on_conflict_do_nothing()
    )
    return digest


def write(
    session: Session,
    customer_id: int,
    channel: str,
    granted: bool,
    source: str,
    occurred_at: datetime,
    evidence: dict[str, Any] | None,
    *,
    topic: str = GENERAL,
) -> bool:
    """Append to the ledger; whether this is news: the newest word, and another one than before."""
    before = queries.newest(session, customer_id, channel, topic)
    if before is not None and before.granted == granted and before.occurred_at >= occurred_at:
        return False
    session.add(
        ConsentRecord(
            shop_id=session.info["shop_id"],
            customer_id=customer_id,
            channel=channel,
            topic=topic,
            granted=granted,
            source=source[:48],
            evidence=evidence or {},
            occurred_at=occurred_at,
        )
    )
    session.flush()
    if not granted and (channel, topic) == ("email", GENERAL):
        # Who says no has nothing left to confirm.
        session.execute(
            delete(ConsentRequest).where(
                ConsentRequest.customer_id == customer_id,
                ConsentRequest.confirmed_at.is_(None),
                ConsentRequest.given_at <= occurred_at,
            )
        )
    return before is None or (before.granted != granted and before.occurred_at <= occurred_at)


def _granted_since(known: list[ConsentRecord], general: ConsentRecord) -> bool:
    return any(word.granted and word.occurred_at > general.occurred_at for word in known)
