"""What Shopify says of a person's consent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.consent.events import Unsubscribed
from app.consent.service.ledger import grant, write
from app.journal.service import record
from app.mirror.events import MarketingConsentChanged


def on_consent_changed(session: Session, event: MarketingConsentChanged) -> None:
    """Shopify's e-mail consent changed: the ledger keeps it, and a withdrawal there counts here."""
    if event.customer_id is None:
        return
    evidence = {"order_id": event.order_id, "from": "shopify"}
    source = f"shopify {event.source}"
    if event.granted:
        grant(
            session,
            event.customer_id,
            channel="email",
            source=source,
            occurred_at=event.occurred_at,
            evidence=evidence,
        )
    elif write(session, event.customer_id, "email", False, source, event.occurred_at, evidence):
        record(
            session,
            Unsubscribed(
                occurred_at=event.occurred_at,
                customer_id=event.customer_id,
                channel="email",
                scope="marketing",
            ),
        )
