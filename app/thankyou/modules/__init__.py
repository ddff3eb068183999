"""What the page asks or offers beside the timeline and the offer: small forms, each in a file of
its own. Each says what it shows about an order (None for nothing) and takes an answer; none appears
before the order is known. A new one is a file with `show` and `take`, a row of `MODULES` and, if it
is no service, a name in `words.names`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import NotFound
from app.thankyou.api import ModuleShown, Told
from app.thankyou.context import Context
from app.thankyou.modules import address, consent, reminder, sms, survey

Show = Callable[[Context], ModuleShown | None]
Take = Callable[[Context, Mapping[str, str]], None]


@dataclass(frozen=True)
class Module:
    """One form. `service` marks what puts the order itself right (an address, say): it stands
    before everything that is for the shop's sake, and nothing may leave it out."""

    show: Show
    take: Take
    service: bool = False


#: In the order in which they stand where nothing else is chosen.
MODULES: dict[str, Module] = {
    "address": Module(address.show, address.take, service=True),
    "survey": Module(survey.show, survey.take),
    "reminder": Module(reminder.show, reminder.take),
    "consent": Module(consent.show, consent.take),
    "sms": Module(sms.show, sms.take),
}


#: What stands below the timeline besides service, in this order where nothing else is chosen.
PARTS: tuple[str, ...] = (
    "offer",
    *(key for key, one in MODULES.items() if not one.service),
    "line",
)


def arranged(parts: Sequence[str]) -> list[str]:
    """The order of what stands below the timeline when `parts` are shown: service comes first."""
    return [*(key for key, one in MODULES.items() if one.service), *parts]


def shown(context: Context | None, parts: Sequence[str]) -> list[ModuleShown]:
    """Those of an order's page among `parts`, and service; none for an order that was cancelled or
    is not known yet."""
    if context is None or context.order.cancelled_at is not None:
        return []
    wanted = (MODULES[key] for key in arranged(parts) if key in MODULES)
    found = (module.show(context) for module in wanted)
    return [one for one in found if one is not None]


def take(context: Context | None, parts: Sequence[str], told: Told) -> None:
    """Keep an answer; raises `NotFound` for a module that this page does not show, `Invalid` for
    an answer that cannot be."""
    names = {one.key for one in shown(context, parts) if one.done is None}
    if context is None or told.module not in names:
        raise NotFound
    MODULES[told.module].take(context, told.values)
