"""The names that a text may use, each group worked out when a text first asks for it. What is empty
is nil: Liquid takes an empty string for true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from app.messages.extras import coupon_words, points_words

if TYPE_CHECKING:
    from app.messages.context import Mail

Group = Mapping[str, Any]


class Variables(Mapping[str, Group]):
    """What a mail's texts may name, as `group.name`."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._made: dict[str, Group] = {}

    def __getitem__(self, name: str) -> Group:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = GROUPS[name](self._mail)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(GROUPS)

    def __len__(self) -> int:
        return len(GROUPS)


class _WhenNamed(Mapping[str, Any]):
    """A group of names of which some are worked out only when a text names them."""

    def __init__(self, known: Group, asked: Mapping[str, Callable[[], Any]]) -> None:
        self._known, self._asked = known, asked

    def __getitem__(self, name: str) -> Any:
        return self._asked[name]() or None if name in self._asked else self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._asked, *self._known))

    def __len__(self) -> int:
        return len(self._known) + len(self._asked)


def _shop(mail: Mail) -> Group:
    brand = mail.brand
    return {
        "name": brand.name or None,
        "url": brand.storefront_url or None,
        "support_email": brand.support_email or None,
        "support_phone": brand.support_phone or None,
        "support_hours": brand.support_hours or None,
        "contact": mail.contact or None,
    }


def _customer(mail: Mail) -> Group:
    return {
        "name": mail.name.called or None,
        "greeting": mail.name.greeting or None,
        "since": mail.since or None,
        "years": mail.years or None,
    }


def _order(mail: Mail) -> Group:
    return {
        "name": mail.order_name or None,
        "date": mail.order_date or None,
        "total": mail.total or None,
        "unpaid": mail.unpaid or None,
        "at_door": mail.at_door or None,
    }


def _delivery(mail: Mail) -> Group:
    shipment = mail.shipment
    known = {
        "ships": mail.ships or None,
        "carrier": (shipment and shipment.carrier) or None,
        "number": (shipment and shipment.number) or None,
        "contents": (shipment and shipment.contents) or None,
        "part": (shipment and shipment.split) or None,
        "rest": (shipment and shipment.rest) or None,
        "today": (shipment and shipment.today) or None,
        "silent": (shipment and shipment.silent) or None,
    }
    on_its_way = shipment.expected if shipment else ""
    return _WhenNamed(known, {"expected": lambda: on_its_way or mail.expected})


def _coming(mail: Mail) -> Group:
    asked = {
        "guide": lambda: mail.follows("start-guide"),
        "lessons": lambda: mail.follows("learn-practice", "learn-mastery"),
    }
    return _WhenNamed({}, asked)


def _product(mail: Mail) -> Group:
    item = mail.item
    return {
        "title": (item and item.title) or None,
        "short": (item and item.short) or None,
        "variant": (item and item.variant) or None,
        "months": mail.months or None,
    }


def _subscription(mail: Mail) -> Group:
    since, years = mail.subscription
    return {"since": since or None, "years": years or None}


def _said(values: Mapping[str, Any]) -> Group:
    return {name: value or None for name, value in values.items()}


GROUPS: dict[str, Callable[[Mail], Group]] = {
    "shop": _shop,
    "customer": _customer,
    "order": _order,
    "delivery": _delivery,
    "coming": _coming,
    "product": _product,
    "subscription": _subscription,
    "coupon": lambda mail: _said(coupon_words(mail.coupon)),
    "loyalty": lambda mail: _said(points_words(mail.points)),
    "season": lambda mail: {"name": mail.season or None},
    "guide": lambda mail: {"title": (mail.guide and mail.guide.title) or None},
    "replenishment": lambda mail: {"run_out": mail.run_out or None},
}
