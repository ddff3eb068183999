"""Customers and their consent to e-mail and SMS."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import GiveUp
from app.inbox.model import Webhook
from app.journal.service import record
from app.mirror import rules
from app.mirror.events import MarketingConsentChanged
from app.mirror.model import Customer
from app.mirror.service import rows
from app.shopify import payloads

#: Where a customer keeps what they said of a channel: the state, and since when.
KEPT = {
    "email": ("marketing_state", "marketing_updated_at"),
    "sms": ("sms_state", "sms_updated_at"),
}
#: What a payload may say of a customer, beside consent.
FIELDS = ("email", "phone", "first_name", "last_name", "locale", "country")


def apply_customer(session: Session, webhook: Webhook, body: bytes) -> None:
    """`customers/create` and `customers/update`."""
    payload = payloads.customer(body)
    keep_customer(session, payload, payload.updated_at or now(session), source=webhook.topic)


def apply_consent(session: Session, webhook: Webhook, body: bytes) -> None:
    """`customers_email_marketing_consent/update`."""
    said = payloads.consent(body)
    _apply(session, webhook, said.customer_id, "email", said.email_marketing_consent)


def apply_sms_consent(session: Session, webhook: Webhook, body: bytes) -> None:
    """`customers_marketing_consent/update`: about SMS, in a part of a customer's own payload."""
    said = payloads.customer(body)
    if said.sms_marketing_consent is None:
        raise GiveUp("payload: no consent to SMS in it")
    _apply(session, webhook, said.id, "sms", said.sms_marketing_consent)


def _apply(
    session: Session, webhook: Webhook, number: int, channel: str, said: payloads.Consent
) -> None:
    moment = said.consent_updated_at or now(session)
    _keep_consent(session, rows.customer(session, number), channel, said, moment, webhook.topic)


def told_shopify(
    session: Session, shopify_id: int, channel: str, *, subscribed: bool, at: datetime
) -> None:
    """Shopify has just learnt from us what a customer said of marketing by a channel (`email`,
    `sms`) `at` that time: what it tells us of it later is no news, and until then our copy is no
    older than Shopify."""
    customer = rows.customer(session, shopify_id)
    kept_state, kept_since = KEPT[channel]
    known = getattr(customer, kept_since)
    if customer.redacted_at is None and (known is None or known < at):
        setattr(customer, kept_state, "subscribed" if subscribed else "unsubscribed")
        # Shopify keeps whole seconds, and what it echoes must not look like something older.
        setattr(customer, kept_since, at.replace(microsecond=0))


def keep_customer(
    session: Session,
    payload: payloads.CustomerPayload,
    moment: datetime,
    *,
    source: str,
    locale: str | None = None,
    country: str | None = None,
) -> Customer:
    """Upsert a customer as of `moment`; a newer payload wins field by field, an older one only
    fills what is blank. A redacted customer stays without personal data."""
    customer = rows.customer(session, payload.id)
    if customer.redacted_at is not None:
        return customer
    address = payload.default_address
    said = {
        "email": payload.email,
        "phone": payload.phone,
        "first_name": payload.first_name,
        "last_name": payload.last_name,
        "locale": payload.locale or locale,
        "country": (address and address.country_code) or country,
    }
    latest = customer.source_updated_at is None or moment >= customer.source_updated_at
    for field in FIELDS:
        if said[field] and (latest or not getattr(customer, field)):
            setattr(customer, field, said[field])
    if latest:
        customer.source_updated_at = moment
        if payload.tags is not None:
            customer.tags = rules.split_tags(payload.tags)
    for channel, consent in (
        ("email", payload.email_marketing_consent),
        ("sms", payload.sms_marketing_consent),
    ):
        if consent is not None:
            _keep_consent(session, customer, channel, consent, moment, source)
    return customer


def _keep_consent(
    session: Session,
    customer: Customer,
    channel: str,
    consent: payloads.Consent,
    moment: datetime,
    source: str,
) -> None:
    """Apply a consent when the person decided later than what we know. Within the same second a
    withdrawal wins: nobody is mailed by mistake."""
    kept_state, kept_since = KEPT[channel]
    before, known = getattr(customer, kept_state), getattr(customer, kept_since)
    state = (consent.state or "not_subscribed").lower()
    if customer.redacted_at is not None or state == before:
        return
    word = rules.consent_word(state)
    if word is None and consent.consent_updated_at is None and known is not None:
        # "Nothing decided" without a date is how a payload says that it does not know yet.
        return
    decided = consent.consent_updated_at or moment
    withdrawal = word is False
    if known is not None and (decided, withdrawal) <= (known, rules.consent_word(before) is False):
        return
    change = rules.consent_change(before, state)
    setattr(customer, kept_state, state)
    setattr(customer, kept_since, decided)
    if change is not None:
        record(
            session,
            MarketingConsentChanged(
                occurred_at=decided,
                customer_id=customer.id,
                granted=change,
                source=source,
                channel=channel,
                confirmed=(consent.opt_in_level or "").lower() == "confirmed_opt_in",
            ),
        )
