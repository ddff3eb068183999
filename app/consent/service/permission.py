"""The one answer to "may this leave?"."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.model import GENERAL, ORDERS
from app.mirror.model import Customer
from app.shops import service as shops


def may_send(
    session: Session,
    customer: Customer | None,
    *,
    address: str,
    channel: str,
    message_class: str,
    topic: str | None = None,
) -> str | None:
    """Whether a message of a class (`transactional`, `service`, `marketing`) and topic may leave:
    None when it may, else why not: `no_address`, `suppressed`, `unsubscribed`, `topic_off`,
    `no_consent`."""
    general = _general_word(session, customer, channel)
    own = _topic_word(session, customer, channel, topic)
    word = rules.verdict(general, own)
    granted = word.granted if word else None
    existing = channel == "email" and _existing_customer(session, customer)
    standing = rules.Standing(
        address=rules.normal_address(channel, address),
        suppressed=frozenset(s.scope for s in queries.suppressions(session, channel, address)),
        granted=granted,
        basis_refused=None if existing else rules.NO_CONSENT,
        topic_only=word is not None and word is own,
        notices=_wants_notices(session, customer, channel),
    )
    return rules.refusal(standing, message_class)


def _general_word(session: Session, customer: Customer | None, channel: str) -> rules.Word | None:
    """What the customer last said about all marketing: the ledger's newest record, or Shopify's
    state where the mirror knows it already and the ledger's delivery is still on its way."""
    if customer is None:
        return None
    newest = queries.newest(session, customer.id, channel)
    kept = rules.Word(newest.granted, newest.occurred_at) if newest else None
    said = rules.shopify_word(customer.marketing_state) if channel == "email" else None
    if said is None:
        return kept
    changed = customer.marketing_updated_at
    if kept is None:
        return rules.Word(said, changed or rules.LONG_AGO)
    return rules.Word(said, changed) if changed and changed > kept.occurred_at else kept


def _topic_word(
    session: Session, customer: Customer | None, channel: str, topic: str | None
) -> rules.Word | None:
    if customer is None or topic in (None, GENERAL):
        return None
    newest = queries.newest(session, customer.id, channel, str(topic))
    return rules.Word(newest.granted, newest.occurred_at) if newest else None


def _wants_notices(session: Session, customer: Customer | None, channel: str) -> bool:
    """Notices about orders go to every buyer by e-mail; elsewhere they can be switched off."""
    if channel == "email" or customer is None:
        return True
    newest = queries.newest(session, customer.id, channel, ORDERS)
    return newest is None or newest.granted


def _existing_customer(session: Session, customer: Customer | None) -> bool:
    shop = shops.shop(session)
    return customer is not None and rules.existing_customer(
        switched_on=shops.settings_of(shop).existing_customer_basis,
        shop_country=shop.country,
        recipient_country=customer.country,
    )
