"""The one answer to "may this leave?"."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.consent import queries, rules
from app.consent.model import GENERAL, ORDERS, ConsentRecord
from app.mirror.model import Customer
from app.shops import service as shops

#: What was read of a person together with something else.
Heard = queries.Known | queries.Reader


def may_send(
    session: Session,
    customer: Customer | None,
    *,
    address: str,
    channel: str,
    message_class: str,
    topic: str | None = None,
    known: Heard | None = None,
) -> str | None:
    """Whether a message of a class (`transactional`, `service`, `marketing`) and topic may leave:
    None when it may, else why not: `no_address`, `suppressed`, `unsubscribed`, `topic_off`,
    `unconfirmed`, `no_consent`, `country_needs_consent`, `country_unknown`. What
    is `known` of a customer and their addresses already is not read again."""
    if message_class != rules.MARKETING and channel == "email":
        # Mail about orders asks nobody's leave: what the person said of marketing is not looked up.
        customer = None
    return rules.refusal(
        standing(session, customer, address=address, channel=channel, topic=topic, known=known),
        message_class,
    )


def standing(
    session: Session,
    customer: Customer | None,
    *,
    address: str,
    channel: str,
    topic: str | None = None,
    known: Heard | None = None,
) -> rules.Standing:
    """What is known of a person and an address on a channel, about a topic."""
    kept = _words(session, customer, known)
    general, unconfirmed = general_word(session, customer, channel, kept.get((channel, GENERAL)))
    own = (
        rules.word_of(kept.get((channel, topic or GENERAL)))
        if topic not in (None, GENERAL)
        else None
    )
    word = rules.verdict(general, own)
    notices = kept.get((channel, ORDERS))
    basis = rules.NO_CONSENT if channel != "email" else _basis_refusal(session, customer, topic)
    return rules.Standing(
        address=rules.normal_address(channel, address),
        suppressed=_kept_from(session, channel, address, known),
        granted=word.granted if word else None,
        basis_refused=rules.UNCONFIRMED if unconfirmed else basis,
        topic_only=word is not None and word is own,
        # Notices about orders go to every buyer by e-mail; elsewhere they can be switched off.
        notices=channel == "email" or notices is None or notices.granted,
    )


def _words(
    session: Session, customer: Customer | None, known: Heard | None
) -> Mapping[tuple[str, str], ConsentRecord | rules.Word]:
    if customer is None:
        return {}
    return known.words if known else queries.words(session, customer.id)


def _kept_from(session: Session, channel: str, address: str, known: Heard | None) -> frozenset[str]:
    about = channel, rules.normal_address(channel, address)
    if known and about in known.kept_from:
        return known.kept_from[about]
    return frozenset(queries.kept_from(session, channel, address))


def general_word(
    session: Session,
    customer: Customer | None,
    channel: str,
    newest: ConsentRecord | rules.Word | None,
) -> tuple[rules.Word | None, bool]:
    """What the customer last said about all marketing, and whether a consent of theirs waits for
    its confirmation: the ledger's newest record, or Shopify's state where the mirror knows it
    already and the ledger's delivery is still on its way."""
    kept = rules.word_of(newest)
    said = rules.shopify_word(customer.marketing_state) if customer else None
    if customer is None or channel != "email" or said is None:
        return kept, False
    if said and must_confirm(session, customer):
        return kept, kept is None
    changed = customer.marketing_updated_at
    if kept is None:
        return rules.Word(said, changed or rules.LONG_AGO), False
    newer = changed is not None and changed > kept.occurred_at
    return (rules.Word(said, changed or rules.LONG_AGO) if newer else kept), False


def must_confirm(session: Session, customer: Customer) -> bool:
    """Whether this customer's consent counts only after a second click."""
    mode = shops.settings_of(shops.shop(session)).consent.double_opt_in
    return rules.needs_confirmation(mode, customer.country)


def _basis_refusal(session: Session, customer: Customer | None, topic: str | None) -> str | None:
    if customer is None:
        return rules.NO_CONSENT
    shop = shops.shop(session)
    chosen = shops.settings_of(shop)
    return rules.basis_refusal(
        switched_on=chosen.existing_customer_basis,
        also=chosen.consent.basis_also,
        shop_country=shop.country,
        recipient_country=customer.country,
        topic=topic,
    )
