"""What we know of one person's decisions, and how it is forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.model import (
    ChannelAddress,
    ConsentImportProblem,
    ConsentRequest,
    Hold,
    Suppression,
)
from app.consent.service.birthdays import forget_birthday
from app.mirror.model import Customer


def erase_person(session: Session, customer: Customer) -> int:
    """Forget where a customer is reached. The ledger stays: it names a customer by number only and
    is the proof the law asks for (rules.md EM-1), without a person behind it any more. Of an
    address that must get nothing more only the hash stays, so that the promise outlives it."""
    session.execute(delete(Hold).where(Hold.customer_id == customer.id))
    session.execute(delete(ChannelAddress).where(ChannelAddress.customer_id == customer.id))
    forget_birthday(session, customer.id)
    # What was confirmed stands in the ledger; what waits will not be confirmed any more.
    session.execute(delete(ConsentRequest).where(ConsentRequest.customer_id == customer.id))
    session.execute(
        delete(ConsentImportProblem).where(
            func.lower(ConsentImportProblem.value) == (customer.email or "").lower()
        )
    )
    shop_id = session.info["shop_id"]
    hashes = [
        rules.address_hash(shop_id, channel, value)
        for channel, value in (("email", customer.email), ("sms", customer.phone))
        if value
    ]
    return len(
        session.execute(
            update(Suppression)
            .where(Suppression.address_hash.in_(hashes), Suppression.address.is_not(None))
            .values(address=None)
            .returning(Suppression.id)
        ).all()
    )


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
                "evidence": entry.evidence,
            }
            for entry in queries.ledger(session, customer.id)
        ],
        "confirmations": [
            {
                "source": asked.source,
                "given_at": asked.given_at.isoformat(),
                "confirmed_at": asked.confirmed_at and asked.confirmed_at.isoformat(),
                "evidence": asked.evidence,
            }
            for asked in queries.requests(session, customer.id)
        ],
        "suppressions": [
            {"channel": kept.channel, "scope": kept.scope, "reason": kept.reason}
            for channel, address in (("email", customer.email), ("sms", customer.phone))
            for kept in queries.suppressions(session, channel, address)
        ],
        "addresses": queries.addresses(session, customer.id),
        "links": queries.link_evidence(session, customer.id),
        "birthday": queries.birthdays(session, [customer.id]).get(customer.id),
        "holds": [
            {"reason": held.reason, "held_at": held.held_at.isoformat()}
            for held in queries.holds(session, customer.id)
        ],
    }
