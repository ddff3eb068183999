"""What we know of one person's decisions, and how it is forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.model import ChannelAddress, Hold, Suppression
from app.mirror.model import Customer


def erase_person(session: Session, customer: Customer) -> int:
    """Forget a customer's suppressions. The ledger stays: it names a customer by number only and
    is the proof the law asks for (rules.md EM-1), without a person behind it any more. An address
    that bounced or complained is forgotten too, and would be learnt again at the first attempt."""
    addresses = {
        (channel, rules.normal_address(channel, value))
        for channel, value in (("email", customer.email), ("sms", customer.phone))
        if value
    }
    session.execute(delete(Hold).where(Hold.customer_id == customer.id))
    session.execute(delete(ChannelAddress).where(ChannelAddress.customer_id == customer.id))
    gone = 0
    for channel, address in addresses:
        gone += len(
            session.execute(
                delete(Suppression)
                .where(Suppression.channel == channel, Suppression.address == address)
                .returning(Suppression.id)
            ).all()
        )
    return gone


def export_person(session: Session, customer: Customer) -> dict[str, Any]:
    """What we know of a customer's decisions."""
    return {
        "ledger": [
            {
                "channel": entry.channel,
                "topic": entry.topic,
                "granted": entry.granted,
                "source": entry.source,
                "occurred_at": entry.occurred_at.isoformat(),
            }
            for entry in queries.ledger(session, customer.id)
        ],
        "suppressions": [
            {"channel": kept.channel, "scope": kept.scope, "reason": kept.reason}
            for kept in queries.suppressions(session, "email", customer.email)
        ],
        "addresses": queries.addresses(session, customer.id),
        "holds": [
            {"reason": held.reason, "held_at": held.held_at.isoformat()}
            for held in queries.holds(session, customer.id)
        ],
    }
