"""Who may hear from the shop: pure decisions (rules.md ruling 21, EM-1, EM-5, EM-9)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from app.consent.countries import CountryRule, rule_of
from app.consent.model import ConsentRecord

#: When a decision was made of which nobody knows the day: before any other.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

#: What staff may put right when a mailbox works again. Who unsubscribed or complained decides
#: themself.
MENDABLE = frozenset({"hard_bounce", "soft_bounces", "imported"})

TRANSACTIONAL = "transactional"
SERVICE = "service"
MARKETING = "marketing"
CLASSES = (TRANSACTIONAL, SERVICE, MARKETING)

NO_ADDRESS = "no_address"
SUPPRESSED = "suppressed"
UNSUBSCRIBED = "unsubscribed"
NO_CONSENT = "no_consent"
TOPIC_OFF = "topic_off"
#: Consent was given at Shopify, and its confirmation by a second click is still to come.
UNCONFIRMED = "unconfirmed"
COUNTRY_NEEDS_CONSENT = "country_needs_consent"
COUNTRY_UNKNOWN = "country_unknown"

#: When a consent has to be confirmed: where that is usual, everywhere, nowhere.
DoubleOptIn = Literal["usual", "everywhere", "off"]


@dataclass(frozen=True)
class Standing:
    """What is known of one person and address on one channel. `granted` is the ledger's word on
    the message's topic, None when it is silent; False means that the person took it back.
    `basis_refused` says why being a customer is not enough here, None when it is. `notices` is
    False when the person wants no notices about orders by this channel."""

    address: str
    suppressed: frozenset[str]
    granted: bool | None
    basis_refused: str | None = NO_CONSENT
    topic_only: bool = False
    notices: bool = True


def refusal(standing: Standing, message_class: str) -> str | None:
    """Why a message of this class may not go to this person; None when it may."""
    if not standing.address:
        return NO_ADDRESS
    if "all" in standing.suppressed:
        return SUPPRESSED
    if message_class != MARKETING:
        return None if standing.notices else TOPIC_OFF
    if standing.granted is False:
        return TOPIC_OFF if standing.topic_only else UNSUBSCRIBED
    if "marketing" in standing.suppressed:
        return SUPPRESSED
    return None if standing.granted else standing.basis_refused


@dataclass(frozen=True)
class Word:
    """One decision of a person: given or taken back, and when."""

    granted: bool
    occurred_at: datetime


def word_of(entry: ConsentRecord | Word | None) -> Word | None:
    """The word that a record of the ledger keeps; None while there is none."""
    return Word(entry.granted, entry.occurred_at) if entry else None


def verdict(general: Word | None, topic: Word | None) -> Word | None:
    """Which word counts for a topic: its own overrides the general one, except that a later
    withdrawal from everything takes back what was granted for the topic before."""
    if topic is None:
        return general
    if general is None or general.granted or not topic.granted:
        return topic
    return topic if topic.occurred_at > general.occurred_at else general


def basis_refusal(
    *,
    switched_on: bool,
    also: tuple[str, ...],
    shop_country: str | None,
    recipient_country: str | None,
    topic: str | None,
) -> str | None:
    """Why being a customer is not enough for a marketing mail about `topic`; None when it is: the
    merchant has switched it on, and the law of both countries knows it. `also` are the countries
    that the merchant has switched on one by one."""
    if not switched_on:
        return NO_CONSENT
    if not recipient_country:
        return COUNTRY_UNKNOWN
    for country in (shop_country, recipient_country):
        if not _knows(rule_of(country), country, also):
            return COUNTRY_NEEDS_CONSENT
    rule = rule_of(recipient_country)
    return COUNTRY_NEEDS_CONSENT if rule and topic in rule.consent_topics else None


def _knows(rule: CountryRule | None, country: str | None, also: tuple[str, ...]) -> bool:
    if rule is None or rule.being_customer == "never":
        return False
    return rule.being_customer == "switch" or (country or "").upper() in also


def needs_confirmation(mode: DoubleOptIn, country: str | None) -> bool:
    """Whether a consent to e-mail counts only once it was confirmed by a second click."""
    if mode == "usual":
        rule = rule_of(country)
        return rule is not None and rule.double_opt_in
    return mode == "everywhere"


def normal_address(channel: str, address: str | None) -> str:
    """An address as suppressions store it: e-mail is compared without regard to case."""
    trimmed = (address or "").strip()
    return trimmed.casefold() if channel == "email" else trimmed


def shopify_word(marketing_state: str) -> bool | None:
    """What Shopify's e-mail marketing state says of the person's decision: True is consent, False
    a withdrawal, None no decision (`pending` waits for the double opt-in)."""
    if marketing_state == "subscribed":
        return True
    return False if marketing_state in {"unsubscribed", "redacted", "invalid"} else None


def address_hash(shop_id: int, channel: str, address: str | None) -> str:
    """An address as suppressions and links find it again: a SHA-256 that no other shop shares.

    It keeps the address from being read, not from being tested: testing is what it is for.
    """
    normal = normal_address(channel, address)
    return hashlib.sha256(f"{shop_id}|{channel}|{normal}".encode()).hexdigest()
