"""What the page asks or offers beside the timeline and the offer: small forms, each in a file of
its own, in the order in which they stand. Each says what it shows about an order (None for nothing)
and takes an answer; none appears before the order is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.mirror.model import Order
from app.thankyou.api import Asked, ModuleShown, Told
from app.thankyou.modules import consent, reminder, survey
from app.thankyou.service import Seen

Show = Callable[[Session, Order], ModuleShown | None]
Take = Callable[[Session, Order, Mapping[str, str]], None]


@dataclass(frozen=True)
class _Module:
    show: Show
    take: Take


MODULES: dict[str, _Module] = {
    "survey": _Module(survey.show, survey.take),
    "reminder": _Module(reminder.show, reminder.take),
    "consent": _Module(consent.show, consent.take),
}


def shown(session: Session, _asked: Asked, seen: Seen) -> list[ModuleShown]:
    """The modules of an order's page; none for an order that was cancelled or is not known yet."""
    order = seen.order
    if order is None or order.cancelled_at is not None:
        return []
    found = (module.show(session, order) for module in MODULES.values())
    return [one for one in found if one is not None]


def take(session: Session, told: Told, seen: Seen) -> None:
    """Keep an answer; raises `NotFound` for a module that this page does not show, `Invalid` for
    an answer that cannot be."""
    names = {one.key for one in shown(session, told, seen) if one.done is None}
    if seen.order is None or told.module not in names:
        raise NotFound
    MODULES[told.module].take(session, seen.order, told.values)
