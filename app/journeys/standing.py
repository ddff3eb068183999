"""Who may be written to, for many people at once: what imagination asks instead of
`consent.service.may_send`, whose answer for one person it must equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent import rules
from app.consent.model import GENERAL, ConsentRecord, Suppression
from app.messages.kinds import MARKETING, Kind
from app.mirror.model import Customer, Order
from app.shops.model import Shop
from app.shops.service import settings_of
from app.shops.settings import missing_for_marketing

CHANNEL = "email"


@dataclass(frozen=True)
class Ledger:
    """What is known of many people's decisions: their newest word by person and topic."""

    shop: Shop
    newest: Mapping[tuple[int, str], rules.Word]
    suppressed: Mapping[str, frozenset[str]]


def read(session: Session, shop: Shop, people: Iterable[int], addresses: Iterable[str]) -> Ledger:
    """Two statements for everybody."""
    records = session.scalars(
        select(ConsentRecord)
        .where(ConsentRecord.customer_id.in_(list(people)), ConsentRecord.channel == CHANNEL)
        .order_by(ConsentRecord.occurred_at, ConsentRecord.id)
    )
    # The newest comes last and stays.
    newest = {
        (record.customer_id, record.topic): rules.Word(record.granted, record.occurred_at)
        for record in records
    }
    wanted = [rules.address_hash(shop.shop_id, CHANNEL, address) for address in addresses]
    scopes: dict[str, set[str]] = defaultdict(set)
    for row in session.scalars(
        select(Suppression).where(
            Suppression.channel == CHANNEL, Suppression.address_hash.in_(wanted)
        )
    ):
        scopes[row.address_hash].add(row.scope)
    return Ledger(shop, newest, {digest: frozenset(found) for digest, found in scopes.items()})


def address_of(orders: Sequence[Order], customer: Customer | None) -> str:
    """Where mail to a person goes: their newest order's address, or their own."""
    known = [order.email for order in orders if order.email]
    return (known[-1] if known else (customer.email if customer else "") or "").strip()


def refusals(
    ledger: Ledger, customer: Customer | None, address: str
) -> Callable[[Kind], str | None]:
    """Why a message of a kind may not reach a person, as things stand today."""
    settings = settings_of(ledger.shop)
    footer = "footer_incomplete" if missing_for_marketing(settings) else None
    suppressed = ledger.suppressed.get(
        rules.address_hash(ledger.shop.shop_id, CHANNEL, address), frozenset()
    )
    must_confirm = customer is not None and rules.needs_confirmation(
        settings.consent.double_opt_in, customer.country
    )

    @cache
    def answer(message_class: str, topic: str) -> str | None:
        general, waits = _general(ledger, customer, must_confirm)
        own = ledger.newest.get((customer.id, topic)) if customer else None
        word = rules.verdict(general, own)
        standing = rules.Standing(
            address=rules.normal_address(CHANNEL, address),
            suppressed=suppressed,
            granted=word.granted if word else None,
            basis_refused=rules.UNCONFIRMED if waits else _basis(ledger.shop, customer, topic),
            topic_only=word is not None and word is own,
        )
        refused = rules.refusal(standing, message_class)
        return refused or (footer if message_class == MARKETING else None)

    return lambda kind: answer(kind.message_class, kind.topic)


def _general(
    ledger: Ledger, customer: Customer | None, must_confirm: bool
) -> tuple[rules.Word | None, bool]:
    """What the person said last about all marketing, in our ledger or at Shopify, and whether a
    consent of theirs waits for its confirmation."""
    kept = ledger.newest.get((customer.id, GENERAL)) if customer else None
    said = rules.shopify_word(customer.marketing_state) if customer else None
    if customer is None or said is None:
        return kept, False
    if said and must_confirm:
        return kept, kept is None
    changed = customer.marketing_updated_at or rules.LONG_AGO
    newer = kept is None or changed > kept.occurred_at
    return (rules.Word(said, changed) if newer else kept), False


def _basis(shop: Shop, customer: Customer | None, topic: str) -> str | None:
    if customer is None:
        return rules.NO_CONSENT
    settings = settings_of(shop)
    return rules.basis_refusal(
        switched_on=settings.existing_customer_basis,
        also=settings.consent.basis_also,
        shop_country=shop.country,
        recipient_country=customer.country,
        topic=topic,
    )
