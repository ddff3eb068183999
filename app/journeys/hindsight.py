"""Which conditions held for a past order: `conditions.holding` for rows that were read in bulk.

What changes on the way (paid, shipped, delivered, inferred) and what a run does itself (sent,
split, ordered_since) is the course's; what nobody knows of the past (`UNKNOWABLE`: clicks, answers)
never holds, and pages say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from app.journeys import times
from app.journeys.definitions import condition
from app.journeys.packs import is_high
from app.journeys.past import Past
from app.mirror import subscriptions
from app.segments import rules as segments


def holding(past: Past, words: Iterable[str]) -> frozenset[str]:
    """The conditions of a definition that held from the beginning, without "not"."""
    held = past.held
    return frozenset([one for one in words if (held[one] if one in held else holds(past, one))])


def holds(past: Past, word: str) -> bool:
    """Whether a condition, without its "not", held from the beginning."""
    found = past.held.get(word)
    if found is None:
        found = past.held[word] = _holds(past, word)
    return found


def _holds(past: Past, word: str) -> bool:
    one = condition(word)
    if one.name in _PLAIN:
        return _PLAIN[one.name](past)
    return one.name in _VALUED and _VALUED[one.name](past, one.value)


def _of_kind(*kinds: str) -> Callable[[Past], bool]:
    return lambda past: not past.kinds.isdisjoint(kinds)


def _province(past: Past, wanted: str) -> bool:
    return (past.order.shipping_address or {}).get("province_code") == wanted


def _language(past: Past, wanted: str) -> bool:
    return past.history.language == wanted


def _high(past: Past) -> bool:
    return is_high(past.order.total_minor, past.order.currency)


def _pack(past: Past, wanted: str) -> bool:
    return wanted in past.packs


def _collection(past: Past, wanted: str) -> bool:
    return any(wanted in one.collections for one in past.products)


def _product_type(past: Past, wanted: str) -> bool:
    return any(one.product_type.casefold() == wanted.casefold() for one in past.products)


def _tag(past: Past, wanted: str) -> bool:
    return any(wanted.casefold() in map(str.casefold, one.tags) for one in past.products)


def _bought_before(past: Past) -> bool:
    bought, at = past.history.purchases, past.order.placed_at
    had = [bought.get(line.product_shopify_id or 0, ()) for line in past.lines]
    return all(any(when < at for when, _count in some) for some in had)


_PLAIN: dict[str, Callable[[Past], bool]] = {
    "goods": lambda past: not past.history.digital,
    "digital": lambda past: past.history.digital,
    "first_order": lambda past: past.order.nth == 1,
    "repeat": lambda past: (past.order.nth or 1) > 1,
    "gift": lambda past: past.history.gift,
    "consumable": lambda past: any(past.history.shelf.lasts(line) for line in past.lines),
    "complex": _of_kind("complex"),
    "fast": _of_kind("fast", "consumable"),
    "long_cycle": _of_kind("long_cycle"),
    "paid_later": lambda past: past.order.awaited_payment,
    "high_value": _high,
    "service": lambda past: _pack(past, "service") or _pack(past, "coach"),
    "subscription": lambda past: any(map(subscriptions.subscribed, past.lines)),
    "bought_before": _bought_before,
    "renewal": lambda past: subscriptions.renewal(past.order),
}

_VALUED: dict[str, Callable[[Past, str], bool]] = {
    "country": lambda past, wanted: past.country == wanted,
    "province": _province,
    "language": _language,
    "pack": _pack,
    "collection": _collection,
    "product_type": _product_type,
    "tag": _tag,
}


# --- what changes with time ---------------------------------------------------------------------


def then(past: Past, words: Iterable[str]) -> Callable[[datetime], frozenset[str]]:
    """Asks which of some conditions that change with time held at a moment."""
    return lambda at: frozenset(word for word in words if holds_at(past, word, at))


def holds_at(past: Past, word: str, at: datetime) -> bool:
    """Whether a condition that changes with time, without its "not", held at a moment."""
    one = condition(word)
    return MOVING[one.name](past, one.value, at)


def _season(past: Past, wanted: str, at: datetime) -> bool:
    day = at.astimezone(ZoneInfo(past.history.zone)).date()
    return times.season(day, past.country) == wanted


def _stage(past: Past, wanted: str, at: datetime) -> bool:
    return segments.stage(past.history.person_at(at), at) == wanted


def _orders(past: Past, least: str, at: datetime) -> bool:
    return past.history.person_at(at).orders >= int(least)


def _top(past: Past, _value: str, at: datetime) -> bool:
    return segments.in_top_decile(past.history.spent_at(at), past.history.shelf.scale)


def _vip(past: Past, value: str, at: datetime) -> bool:
    return _high(past) or _top(past, value, at)


def _subscriber(past: Past, _value: str, _at: datetime) -> bool:
    """As today: what the store said then is not kept."""
    customer = past.history.customer
    return customer is not None and customer.marketing_state == "subscribed"


def _running(past: Past, _value: str, at: datetime) -> bool:
    """What runs today is taken to go on."""
    if not past.history.plans:
        return False
    until = min(at, past.history.shelf.now)
    found = past.history.subscription(past.lines, until)
    return found is not None and found.runs(until)


#: What is asked again at every moment.
MOVING: dict[str, Callable[[Past, str, datetime], bool]] = {
    "season": _season,
    "stage": _stage,
    "orders": _orders,
    "top_decile": _top,
    "vip": _vip,
    "subscriber": _subscriber,
    "subscription_running": _running,
}

#: What cannot be known in imagination: nobody is assumed to click or to answer.
UNKNOWABLE = frozenset({"clicked", "engaged", "low_engagement", "survey", "won"})
