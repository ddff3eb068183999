"""The ledger of decisions, and the addresses that get nothing any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.events import Suppressed, Unsubscribed
from app.consent.model import ConsentRecord, Suppression
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
) -> None:
    """Write a consent into the ledger and lift what an earlier unsubscription put on the address.
    A consent that is older than the newest word of the ledger is kept as evidence only."""
    if not write(session, customer_id, channel, True, source, occurred_at, evidence):
        return
    customer = mirror.customer(session, customer_id)
    address = rules.normal_address(channel, customer.email if customer else None)
    session.execute(
        delete(Suppression).where(
            Suppression.channel == channel,
            Suppression.address == address,
            Suppression.reason == rules.UNSUBSCRIBED,
        )
    )


def unsubscribe(
    session: Session,
    customer_id: int,
    address: str | None,
    source: str,
    *,
    channel: str = "email",
    evidence: dict[str, Any] | None = None,
) -> None:
    """Stop all marketing to a customer at once and announce `Unsubscribed`; the second time
    changes nothing. `source` says by what: `one-click`, `page`, `admin`."""
    newest = queries.newest(session, customer_id, channel)
    if newest is not None and not newest.granted:
        return
    moment = max(now(session), newest.occurred_at) if newest else now(session)
    write(session, customer_id, channel, False, source, moment, evidence)
    _put_suppression(session, channel, address, "marketing", rules.UNSUBSCRIBED)
    record(
        session,
        Unsubscribed(
            occurred_at=now(session), customer_id=customer_id, channel=channel, scope="marketing"
        ),
    )


def suppress(
    session: Session,
    *,
    channel: str,
    address: str,
    reason: str,
    scope: str = "all",
    customer_id: int | None = None,
) -> None:
    """Keep an address from `marketing` or from `all`: `hard_bounce`, `soft_bounces` and
    `complaint` are the usual reasons (rules.md EM-9). Announces `Suppressed` once."""
    suppression_id = _put_suppression(session, channel, address, scope, reason)
    if suppression_id is None:
        return
    record(
        session,
        Suppressed(
            occurred_at=now(session),
            customer_id=customer_id,
            channel=channel,
            reason=reason,
            scope=scope,
            suppression_id=suppression_id,
        ),
    )


def write(
    session: Session,
    customer_id: int,
    channel: str,
    granted: bool,
    source: str,
    occurred_at: datetime,
    evidence: dict[str, Any] | None,
) -> bool:
    """Append to the ledger; whether this is news: the newest word, and another one than before."""
    before = queries.newest(session, customer_id, channel)
    if before is not None and before.granted == granted and before.occurred_at >= occurred_at:
        return False
    session.add(
        ConsentRecord(
            shop_id=session.info["shop_id"],
            customer_id=customer_id,
            channel=channel,
            granted=granted,
            source=source[:48],
            evidence=evidence or {},
            occurred_at=occurred_at,
        )
    )
    session.flush()
    return before is None or (before.granted != granted and before.occurred_at <= occurred_at)


def _put_suppression(
    session: Session, channel: str, address: str | None, scope: str, reason: str
) -> int | None:
    """The new suppression's id; None when there is no address or it was there already."""
    normal = rules.normal_address(channel, address)
    if not normal:
        return None
    return session.execute(
        insert(Suppression)
        .values(
            shop_id=session.info["shop_id"],
            channel=channel,
            address=normal,
            scope=scope,
            reason=reason,
        )
        .on_conflict_do_nothing()
        .returning(Suppression.id)
    ).scalar_one_or_none()
