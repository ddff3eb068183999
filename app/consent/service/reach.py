"""Reach: the addresses of channels that Shopify knows nothing of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.events import ChannelLinked, ChannelUnlinked
from app.consent.model import CHANNELS, ORDERS, ChannelAddress
from app.consent.service.ledger import unsubscribe, withdraw
from app.core.clock import now
from app.core.secrets import seal
from app.journal.service import record


def link_channel(
    session: Session,
    customer_id: int,
    channel: str,
    address: str,
    evidence: dict[str, Any],
) -> None:
    """Keep where a customer is reached by `line`, `sms` or `push`; a new address replaces the old.
    `evidence` says how we know (where, by which text, when). It permits notices about orders;
    advertising needs a `grant` of its own (rules.md LN-1). Announces `ChannelLinked`."""
    if channel not in CHANNELS[1:] or not rules.normal_address(channel, address):
        raise ValueError(f"no channel that can be linked, or no address: {channel}")
    kept = {
        "address_sealed": seal(rules.normal_address(channel, address)),
        "address_hash": rules.address_hash(session.info["shop_id"], channel, address),
        "evidence": evidence,
        "linked_at": now(session),
    }
    session.execute(
        insert(ChannelAddress)
        .values(shop_id=session.info["shop_id"], customer_id=customer_id, channel=channel, **kept)
        .on_conflict_do_update(index_elements=["shop_id", "customer_id", "channel"], set_=kept)
    )
    record(
        session,
        ChannelLinked(occurred_at=now(session), customer_id=customer_id, channel=channel),
    )


def unlink_channel(session: Session, customer_id: int, channel: str) -> bool:
    """Forget where a customer was reached by a channel, at once (rules.md LN-4); announces
    `ChannelUnlinked`. False when nothing was linked."""
    gone = session.execute(
        delete(ChannelAddress)
        .where(ChannelAddress.customer_id == customer_id, ChannelAddress.channel == channel)
        .returning(ChannelAddress.id)
    ).all()
    if gone:
        record(
            session,
            ChannelUnlinked(occurred_at=now(session), customer_id=customer_id, channel=channel),
        )
    return bool(gone)


def leave_channel(
    session: Session, customer_id: int, channel: str, source: str, evidence: Mapping[str, Any]
) -> bool:
    """A person ends the connection themself: nothing leaves by the channel any more, news of their
    orders neither, which goes by mail from now on. Whoever else of our customers is reached at the
    same address is the same person. Each is written into the ledger; False when nothing was
    linked."""
    address = queries.addresses(session, customer_id).get(channel)
    if address is None:
        return False
    for one in queries.customers_at(session, channel, address):
        unsubscribe(session, one, None, source, channel=channel, evidence=dict(evidence))
        withdraw(
            session, one, channel=channel, topic=ORDERS, source=source, evidence=dict(evidence)
        )
        unlink_channel(session, one, channel)
    return True


def forget_channel(session: Session, channel: str) -> int:
    """Forget every address of a channel: the shop's own account there is another one now. Returns
    how many."""
    gone = session.execute(
        delete(ChannelAddress).where(ChannelAddress.channel == channel).returning(ChannelAddress.id)
    ).all()
    return len(gone)
