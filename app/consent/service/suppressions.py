"""Addresses that get nothing any more: a hash is enough to keep that promise (rules.md EM-9)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import rules
from app.consent.events import Reinstated, Suppressed
from app.consent.model import Suppression
from app.core.clock import now
from app.journal.service import record

UNSUBSCRIBED = rules.UNSUBSCRIBED


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
    suppression_id = put(session, channel, address, scope, reason)
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


def put(
    session: Session,
    channel: str,
    address: str | None,
    scope: str,
    reason: str,
    *,
    readable: bool = True,
) -> int | None:
    """The new suppression's id; None when there is no address or it was there already. One that is
    not `readable` keeps nothing but the hash."""
    normal = rules.normal_address(channel, address)
    if not normal:
        return None
    found: int | None = session.execute(
        insert(Suppression)
        .values(
            shop_id=session.info["shop_id"],
            channel=channel,
            address=normal if readable else None,
            address_hash=rules.address_hash(session.info["shop_id"], channel, normal),
            scope=scope,
            reason=reason,
        )
        .on_conflict_do_nothing()
        .returning(Suppression.id)
    ).scalar_one_or_none()
    return found


def reinstate(
    session: Session, channel: str, address: str | None, customer_id: int, staff: str
) -> None:
    """A member of staff knows that a mailbox works again: what bounced, or came on a list of bad
    addresses, is written to again. Announces `Reinstated` for each reason."""
    sought = rules.address_hash(session.info["shop_id"], channel, address)
    gone = session.scalars(
        delete(Suppression)
        .where(
            Suppression.channel == channel,
            Suppression.address_hash == sought,
            Suppression.reason.in_(rules.MENDABLE),
        )
        .returning(Suppression.reason)
    ).all()
    for reason in gone:
        record(
            session,
            Reinstated(
                occurred_at=now(session),
                customer_id=customer_id,
                channel=channel,
                reason=reason,
                staff=staff,
            ),
        )


def lift(session: Session, channel: str, address: str | None, agreed_at: datetime) -> None:
    """Whoever agrees again is written to again: an unsubscription ends, a bounce does not. One that
    came after what they agreed to stays: it may be all we know of somebody Shopify tells us of
    later."""
    sought = rules.address_hash(session.info["shop_id"], channel, address)
    session.execute(
        delete(Suppression).where(
            Suppression.channel == channel,
            Suppression.address_hash == sought,
            Suppression.reason == UNSUBSCRIBED,
            Suppression.created_at <= agreed_at,
        )
    )
