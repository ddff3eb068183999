"""What Shopify says of a person's consent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.consent import queries
from app.consent.events import Unsubscribed
from app.consent.model import GENERAL
from app.consent.service import optin
from app.consent.service.ledger import grant, write
from app.consent.service.permission import must_confirm
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import MarketingConsentChanged
from app.mirror.model import Customer
from app.shops import service as shops

#: Where the person stands behind it at this moment, and where we read what is past.
SAID_NOW = ("orders/create", "customers_email_marketing_consent/update")
IMPORT = "import"


def on_consent_changed(session: Session, event: MarketingConsentChanged) -> None:
    """A consent at Shopify changed: the ledger keeps it, and a withdrawal there counts here. Where
    consent has to be confirmed, one that Shopify has not confirmed waits for the second click."""
    customer = mirror.customer(session, event.customer_id)
    if customer is None:
        return
    evidence = {"order_id": event.order_id, "from": "shopify"}
    source = f"shopify {event.source}"
    if not event.granted:
        _withdraw(session, customer.id, event, source)
    elif not event.confirmed and _waits(session, customer, event.channel):
        optin.ask(
            session,
            customer.id,
            source=source,
            given_at=event.occurred_at,
            evidence=evidence,
            by_mail=_just_said(session, event),
        )
    else:
        grant(
            session,
            customer.id,
            channel=event.channel,
            source=source,
            occurred_at=event.occurred_at,
            evidence=evidence,
            announce=False,
        )


def _just_said(session: Session, event: MarketingConsentChanged) -> bool:
    """Whether the person has just agreed, or is ordering just now, and expects to be written to;
    what an import brings was said long ago."""
    installed = shops.shop(session).installed_at
    since = installed is not None and event.occurred_at >= installed
    return event.source in SAID_NOW or (since and event.source != IMPORT)


def _waits(session: Session, customer: Customer, channel: str) -> bool:
    """Whether a consent has to be confirmed first: there is none in the ledger that counts."""
    newest = queries.newest(session, customer.id, channel)
    agreed = newest is not None and newest.granted
    return channel == "email" and not agreed and must_confirm(session, customer)


def _withdraw(
    session: Session, customer_id: int, event: MarketingConsentChanged, source: str
) -> None:
    evidence = {"order_id": event.order_id, "from": "shopify"}
    if write(session, customer_id, event.channel, False, source, event.occurred_at, evidence):
        record(
            session,
            Unsubscribed(
                occurred_at=event.occurred_at,
                customer_id=customer_id,
                channel=event.channel,
                scope=GENERAL,
            ),
        )
