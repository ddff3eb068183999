"""Who may be written to and by which channel, for many people at once: what imagination asks
instead of `consent.service.may_send`, whose answer for one person it must equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent import rules
from app.consent.model import GENERAL, ORDERS, ChannelAddress, ConsentRecord, Suppression
from app.messages.kinds import MARKETING, Kind
from app.messages.voices import speaks
from app.mirror.model import Customer, Order
from app.senders import queries as senders
from app.shops.model import Shop
from app.shops.service import settings_of
from app.shops.settings import ShopSettings, missing_for_marketing

EMAIL = "email"


@dataclass(frozen=True)
class Ledger:
    """What is known of many people's decisions: their newest word by person, channel and topic,
    what addresses are kept from (by their hashes), and where people are reached beside e-mail
    (hashes, too)."""

    shop: Shop
    settings: ShopSettings
    newest: Mapping[tuple[int, str, str], rules.Word]
    suppressed: Mapping[str, frozenset[str]]
    linked: Mapping[int, Mapping[str, str]]
    #: Kinds that another tool sends.
    elsewhere: frozenset[str]
    #: Hashes of addresses that were worked out before.
    hashes: dict[str, str] = field(default_factory=dict)
    #: How people are reached of whom we know no more than Shopify does.
    _alike: dict[object, Reach] = field(default_factory=dict)

    def standing(
        self, customer: Customer | None, address: str, channel: str, topic: str
    ) -> rules.Standing:
        """What is known of a person and an address on a channel, about a topic. Beside e-mail the
        address is its hash."""
        mail = channel == EMAIL
        general, waits = self._general(customer, channel)
        own = self._newest(customer, channel, topic)
        word = rules.verdict(general, own)
        notices = self._newest(customer, channel, ORDERS)
        basis = self._basis(customer, topic) if mail else rules.NO_CONSENT
        hashed = self._hash(address) if mail else address
        return rules.Standing(
            address=rules.normal_address(channel, address) if mail else address,
            suppressed=self.suppressed.get(hashed, frozenset()),
            granted=word.granted if word else None,
            basis_refused=rules.UNCONFIRMED if waits else basis,
            topic_only=word is not None and word is own,
            notices=mail or notices is None or notices.granted,
        )

    @cached_property
    def known(self) -> frozenset[int]:
        """Whose decisions we keep ourselves, or whom we reach beside e-mail."""
        return frozenset({customer_id for customer_id, _, _ in self.newest} | self.linked.keys())

    def reach(self, customer: Customer | None, address: str) -> Reach:
        """How a person is reached, as things stand today. Most people differ in nothing that
        matters, and are asked about once."""
        if customer is not None and customer.id in self.known:
            return reach(self, customer, address)
        said = (customer.marketing_state, customer.country) if customer else None
        kept_from = self.suppressed.get(self._hash(address))
        alike = said, kept_from, bool(rules.normal_address(EMAIL, address))
        if alike not in self._alike:
            self._alike[alike] = reach(self, customer, address)
        return self._alike[alike]

    def _hash(self, address: str) -> str:
        if address not in self.hashes:
            self.hashes[address] = rules.address_hash(self.shop.shop_id, EMAIL, address)
        return self.hashes[address]

    def _newest(self, customer: Customer | None, channel: str, topic: str) -> rules.Word | None:
        return self.newest.get((customer.id, channel, topic)) if customer else None

    def _general(self, customer: Customer | None, channel: str) -> tuple[rules.Word | None, bool]:
        """What the person said last about all marketing, in our ledger or at Shopify, and whether a
        consent of theirs waits for its confirmation."""
        kept = self._newest(customer, channel, GENERAL)
        said = rules.shopify_word(customer.marketing_state) if customer else None
        if customer is None or said is None or channel != EMAIL:
            return kept, False
        if said and rules.needs_confirmation(self.settings.consent.double_opt_in, customer.country):
            return kept, kept is None
        changed = customer.marketing_updated_at or rules.LONG_AGO
        newer = kept is None or changed > kept.occurred_at
        return (rules.Word(said, changed) if newer else kept), False

    def _basis(self, customer: Customer | None, topic: str) -> str | None:
        if customer is None:
            return rules.NO_CONSENT
        return rules.basis_refusal(
            switched_on=self.settings.existing_customer_basis,
            also=self.settings.consent.basis_also,
            shop_country=self.shop.country,
            recipient_country=customer.country,
            topic=topic,
        )


def read(session: Session, shop: Shop, people: Iterable[int], addresses: Iterable[str]) -> Ledger:
    """A few statements for everybody."""
    ids = list(people)
    records = session.scalars(
        select(ConsentRecord)
        .where(ConsentRecord.customer_id.in_(ids))
        .order_by(ConsentRecord.occurred_at, ConsentRecord.id)
    )
    # The newest comes last and stays.
    newest = {
        (record.customer_id, record.channel, record.topic): rules.Word(
            record.granted, record.occurred_at
        )
        for record in records
    }
    linked: dict[int, dict[str, str]] = defaultdict(dict)
    for found in session.scalars(select(ChannelAddress).where(ChannelAddress.customer_id.in_(ids))):
        linked[found.customer_id][found.channel] = found.address_hash
    hashes = {one: rules.address_hash(shop.shop_id, EMAIL, one) for one in addresses}
    wanted = {*hashes.values()} | {digest for mine in linked.values() for digest in mine.values()}
    scopes: dict[str, set[str]] = defaultdict(set)
    for row in session.scalars(select(Suppression).where(Suppression.address_hash.in_(wanted))):
        scopes[row.address_hash].add(row.scope)
    return Ledger(
        shop=shop,
        settings=settings_of(shop),
        newest=newest,
        suppressed={digest: frozenset(found) for digest, found in scopes.items()},
        linked=linked,
        elsewhere=frozenset(
            name for name, tool in senders.owners(session).items() if tool != senders.OKAERI
        ),
        hashes=hashes,
    )


def address_of(orders: Sequence[Order], customer: Customer | None) -> str:
    """Where mail to a person goes: their newest order's address, or their own."""
    known = [order.email for order in orders if order.email]
    return (known[-1] if known else (customer.email if customer else "") or "").strip()


@dataclass(frozen=True)
class Reach:
    """How one person is reached. `refusal` says why a kind may not reach them by e-mail, None when
    it may; `ways` the channels that are open to a kind, as `messages.reach` would try them, when a
    step wishes for one."""

    refusal: Callable[[Kind], str | None]
    ways: Callable[[Kind, str | None], tuple[str, ...]]


def reach(ledger: Ledger, customer: Customer | None, address: str) -> Reach:
    """How a person is reached, as things stand today."""
    footer = "footer_incomplete" if missing_for_marketing(ledger.settings) else None
    linked = ledger.linked.get(customer.id, {}) if customer else {}
    places, prefer = {EMAIL: address, **linked}, ledger.settings.frequency.prefer

    @cache
    def answer(channel: str, message_class: str, topic: str) -> str | None:
        standing = ledger.standing(customer, places[channel], channel, topic)
        refused = rules.refusal(standing, message_class)
        return refused or (footer if message_class == MARKETING else None)

    def refusal(kind: Kind, channel: str = EMAIL) -> str | None:
        if kind.name in ledger.elsewhere:
            return "sent_elsewhere"
        return answer(channel, kind.message_class, kind.topic)

    @cache
    def ways(kind: Kind, wish: str | None) -> tuple[str, ...]:
        tried = _tried(kind, wish, prefer, tuple(places))
        return tuple(one for one in tried if refusal(kind, one) is None)

    return Reach(refusal, ways)


@lru_cache(maxsize=4096)
def _tried(
    kind: Kind, wish: str | None, prefer: str | None, places: tuple[str, ...]
) -> tuple[str, ...]:
    """The channels that have words for a kind, in the order in which they are tried."""
    preferred = [EMAIL] if wish == EMAIL else [wish, prefer, EMAIL]
    others = [] if wish == EMAIL else sorted(places)
    wanted = dict.fromkeys(one for one in [*preferred, *others] if one in places)
    return tuple(one for one in wanted if one and speaks(one, kind))
