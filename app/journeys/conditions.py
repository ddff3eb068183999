"""Which conditions hold: only those are looked at that a definition speaks of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from app.core.clock import now
from app.core.locale import choose_locale
from app.journeys import times
from app.journeys.definitions import condition
from app.journeys.known import Known
from app.journeys.packs import is_high, pack_of
from app.messages import queries as messages
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror import subscriptions
from app.replenishment import service as replenishment
from app.shops.service import shop
from app.surprises import queries as surprises
from app.surveys import queries as surveys

#: Messages of these states have reached somebody, or may have.
SENT = ("sending", "sent", "delivered", "in_doubt", "closed", "complained")


def holding(known: Known) -> frozenset[str]:
    """The conditions of the definition that hold now, as it writes them, without "not"."""
    return frozenset(word for word in known.definition.words if _holds(known, word))


def _holds(known: Known, word: str) -> bool:
    one = condition(word)
    if one.name in _PLAIN:
        return _PLAIN[one.name](known)
    return _VALUED[one.name](known, one.value)


# --- the order ----------------------------------------------------------------------------------


def _high(known: Known) -> bool:
    return is_high(known.order.total_minor, known.order.currency)


def _language(known: Known, wanted: str) -> bool:
    return choose_locale(known.order.locale, shop(known.session).locale) == wanted


def _province(known: Known, wanted: str) -> bool:
    return (known.order.shipping_address or {}).get("province_code") == wanted


def _season(known: Known, wanted: str) -> bool:
    today = now(known.session).astimezone(ZoneInfo(known.zone)).date()
    return times.season(today, known.country) == wanted


# --- what was bought ----------------------------------------------------------------------------


def _of_kind(*kinds: str) -> Callable[[Known], bool]:
    return lambda known: any(product.kind in kinds for product in known.products)


def _consumable(known: Known) -> bool:
    return any(replenishment.consumable(known.session, line) for line in known.about)


def _product_type(known: Known, wanted: str) -> bool:
    return any(one.product_type.casefold() == wanted.casefold() for one in known.products)


def _tag(known: Known, wanted: str) -> bool:
    return any(wanted.casefold() in map(str.casefold, one.tags) for one in known.products)


def _collection(known: Known, wanted: str) -> bool:
    return any(wanted in one.collections for one in known.products)


def _pack(known: Known, wanted: str) -> bool:
    return wanted in {pack_of(one.product_type, one.tags) for one in known.products}


def _service(known: Known) -> bool:
    return _pack(known, "service") or _pack(known, "coach")


def _bought_before(known: Known) -> bool:
    """Whether its buyer has had all of it before."""
    ids = {line.product_shopify_id or 0 for line in known.about}
    return known.order.customer_id is not None and ids <= known.had_before


# --- the way of the parcels ---------------------------------------------------------------------


def _shipped(known: Known) -> bool:
    return any(parcel.shipped_at and not parcel.cancelled_at for parcel in known.parcels)


def _delivered(known: Known) -> bool:
    return any(parcel.delivered_at for parcel in known.parcels)


def _inferred(known: Known) -> bool:
    return any(parcel.delivered_at and parcel.inferred for parcel in known.parcels)


# --- earlier steps ------------------------------------------------------------------------------


def _step_at(known: Known, key: str) -> datetime | None:
    at = known.steps.get(key, {}).get("at")
    return datetime.fromisoformat(at) if at else None


def _sent(known: Known, key: str) -> bool:
    number = known.steps.get(key, {}).get("message_id")
    if number is None:
        return False
    found: bool = (
        known.session.scalar(select(exists().where(Message.id == number, Message.state.in_(SENT))))
        or False
    )
    return found


def _clicked(known: Known, key: str) -> bool:
    """Whether a person, not a scanner, followed a link of the step's message."""
    number = known.steps.get(key, {}).get("message_id")
    return number is not None and messages.clicked(known.session, int(number))


def _ordered_since(known: Known, key: str) -> bool:
    at = _step_at(known, key)
    if at is None or known.order.customer_id is None:
        return False
    orders = mirror.orders_of(known.session, known.order.customer_id)
    return any(one.placed_at > at and one.cancelled_at is None for one in orders)


def _divided(known: Known, value: str) -> bool:
    key, _colon, arm = value.partition(":")
    return known.arm(key) == arm


def _answered(known: Known, value: str) -> bool:
    question, _colon, answer = value.partition(":")
    return surveys.said(known.session, known.order.id, question, answer)


_PLAIN: dict[str, Callable[[Known], bool]] = {
    "goods": lambda known: not known.digital,
    "digital": lambda known: known.digital,
    "service": _service,
    "first_order": lambda known: known.order.nth == 1,
    "repeat": lambda known: (known.order.nth or 1) > 1,
    "gift": lambda known: known.gift,
    "consumable": _consumable,
    "complex": _of_kind("complex"),
    # What is used up is known after a few days, as what must be eaten soon is (product.md).
    "fast": _of_kind("fast", "consumable"),
    "long_cycle": _of_kind("long_cycle"),
    "paid": lambda known: not mirror.awaits_payment(known.order),
    "paid_later": lambda known: known.order.awaited_payment,
    "shipped": _shipped,
    "delivered": _delivered,
    "inferred": _inferred,
    "high_value": _high,
    "top_decile": lambda known: known.person.top_decile,
    "vip": lambda known: _high(known) or known.person.top_decile,
    "engaged": lambda known: known.person.engagement == "high",
    "low_engagement": lambda known: known.person.engagement == "low",
    "subscriber": lambda known: (
        known.customer is not None and known.customer.marketing_state == "subscribed"
    ),
    "won": lambda known: surprises.won(known.session, known.order.id),
    "subscription": lambda known: any(map(subscriptions.subscribed, known.about)),
    "subscription_running": lambda known: (
        known.subscription is not None and known.subscription.runs(now(known.session))
    ),
    "bought_before": _bought_before,
    "renewal": lambda known: subscriptions.renewal(known.order),
}

_VALUED: dict[str, Callable[[Known, str], bool]] = {
    "stage": lambda known, wanted: known.person.stage == wanted,
    "orders": lambda known, least: known.person.orders >= int(least),
    "product_type": _product_type,
    "tag": _tag,
    "collection": _collection,
    "pack": _pack,
    "country": lambda known, wanted: known.country == wanted,
    "province": _province,
    "language": _language,
    "season": _season,
    "clicked": _clicked,
    "sent": _sent,
    "ordered_since": _ordered_since,
    "split": _divided,
    "survey": _answered,
}
