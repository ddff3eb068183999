"""Who a message is for and what stands in its way: read once, used at the decision and again when
it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.consent import service as consent
from app.core.locale import choose_locale
from app.messages import reasons
from app.messages.kinds import MARKETING, Kind
from app.messages.rules import Wish, jitter
from app.messages.zones import zone_of
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order, OrderLine
from app.parcels.model import Parcel
from app.senders import queries as senders
from app.shops import service as shops
from app.shops.model import Shop
from app.shops.settings import ShopSettings, missing_for_marketing

CHANNEL = "email"
#: A test send goes to the merchant: no consent, no hours, no caps.
TEST = "test"


@dataclass(frozen=True)
class Facts:
    """Everything a decision looks at."""

    kind: Kind
    message_class: str
    shop: Shop
    settings: ShopSettings
    order: Order | None
    customer: Customer | None
    line: OrderLine | None
    parcel: Parcel | None
    address: str
    locale: str
    zone: str

    def wish(self, key: str, wanted: datetime) -> Wish:
        """What the arbiter needs to know of this message."""
        at_once = self.message_class not in ("service", MARKETING)
        return Wish(
            wanted=wanted,
            zone=self.zone,
            at_once=at_once,
            capped=self.message_class == MARKETING,
            priority=self.kind.priority,
            slots=self.kind.slots,
            jitter=timedelta(0) if at_once else jitter(key),
        )


def gather(
    session: Session,
    kind: Kind,
    *,
    order_id: int | None,
    customer_id: int | None,
    subject_ids: dict[str, Any],
    recipient: str | None = None,
    message_class: str | None = None,
    locale: str | None = None,
) -> Facts:
    """Read what is known of a message's reader and subject. Ids of things that are gone (erased,
    another shop's) leave their place empty."""
    shop = shops.shop(session)
    order = _get(session, Order, order_id)
    customer = mirror.customer(session, customer_id or (order.customer_id if order else None))
    address = recipient or (order.email if order else None) or (customer.email if customer else "")
    place = (order.shipping_address if order else None) or {}
    country = place.get("country_code") or (customer.country if customer else None)
    return Facts(
        kind=kind,
        message_class=message_class or kind.message_class,
        shop=shop,
        settings=shops.settings_of(shop),
        order=order,
        customer=customer,
        line=_get(session, OrderLine, subject_ids.get("line_id")),
        parcel=_get(session, Parcel, subject_ids.get("parcel_id")),
        address=(address or "").strip(),
        locale=locale or choose_locale(order.locale if order else None, shop.locale),
        zone=zone_of(country, place.get("province_code"), shop.timezone),
    )


def refusal(session: Session, facts: Facts) -> str | None:
    """Why this message may not go to this person now; None when it may."""
    if facts.message_class == TEST:
        return _of_shop(facts)
    return (
        _of_shop(facts)
        or _of_owner(session, facts)
        or _of_order(facts)
        or _of_person(session, facts)
    )


def _of_owner(session: Session, facts: Facts) -> str | None:
    """One owner per message: what another tool sends, we do not (rules.md, ruling 14)."""
    elsewhere = senders.owner(session, facts.kind.name) != senders.OKAERI
    return reasons.SENT_ELSEWHERE if elsewhere else None


def _of_shop(facts: Facts) -> str | None:
    if facts.shop.uninstalled_at is not None or facts.shop.installed_at is None:
        return reasons.SHOP_INACTIVE
    if facts.shop.paused_at is not None and facts.message_class != TEST:
        return reasons.SHOP_PAUSED
    return None


def _of_order(facts: Facts) -> str | None:
    order = facts.order
    if order is not None and order.cancelled_at is not None:
        return reasons.ORDER_CANCELLED
    if order is not None and order.financial_status == "refunded":
        return reasons.ORDER_REFUNDED
    if facts.line is not None and facts.line.current_quantity <= 0:
        return reasons.LINE_REFUNDED
    if facts.parcel is not None and facts.parcel.cancelled_at is not None:
        return reasons.PARCEL_CANCELLED
    return None


def _of_person(session: Session, facts: Facts) -> str | None:
    if not facts.address:
        return reasons.NO_EMAIL
    refused = consent.may_send(
        session,
        facts.customer,
        address=facts.address,
        channel=CHANNEL,
        message_class=facts.message_class,
        topic=facts.kind.topic,
    )
    if refused:
        return refused
    if facts.message_class == MARKETING and missing_for_marketing(facts.settings):
        return reasons.FOOTER_INCOMPLETE
    return None


def _get(session: Session, table: Any, number: Any) -> Any:
    return None if number is None else session.get(table, (session.info["shop_id"], number))
