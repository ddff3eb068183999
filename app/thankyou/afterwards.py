"""What the block says of an order that is there, or should be: what is true then, and where to go
on from it."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.locale import gettext as _
from app.core.locale import sentences
from app.journeys import afterwards
from app.parcels import cases
from app.thankyou.api import StepShown, WayShown
from app.thankyou.context import Context


def steps(context: Context | None, shown: list[StepShown]) -> list[StepShown]:
    """The timeline of an order whose goods have left, in words that fit: nothing is promised that
    has come, and nobody is told that they have what they say they have not."""
    if context is None or not context.outlook.parcels:
        return shown
    return [one for step in shown if (one := _step(context, step)) is not None]


def _step(context: Context, step: StepShown) -> StepShown | None:
    if step.key == "prepare" and context.partly:
        return replace(step, text=_("Part of your order has left; the rest will follow."))
    if context.missed and step.key == "arrive":
        said = sentences(cases.told_on(min(context.missed.values())), cases.what_next())
        return replace(step, title=cases.headline(), text=said, date_text=None, done=False)
    if context.missed and step.key == "guide":
        return None
    if context.arrived and not context.partly:
        return _arrived(context, step)
    return step


def _arrived(context: Context, step: StepShown) -> StepShown:
    if step.key == "guide":
        return replace(step, text=_("Your guide is ready for you: how to get off to a good start."))
    if step.key != "arrive":
        return step
    guessed = next((one for one in context.outlook.parcels if one.inferred), None)
    if guessed is not None:
        said = cases.unreported(context.session, guessed)
        return replace(step, title=_("Delivered (estimated)"), text=said, date_text=None)
    return replace(step, title=_("Delivered"), text=_("We hope you enjoy it."))


def ways(context: Context | None, tracking_url: str | None) -> list[WayShown]:
    """Where to go on once everything is there and nothing is wrong: the guide on the order's page,
    a review, the same again."""
    if context is None or not context.done or context.missed:
        return []
    guide = [WayShown(_("Read the guide"), f"{tracking_url}#guide")] if tracking_url else []
    found = afterwards.ways(context.session, context.order, context.lines)
    return [*guide, *(WayShown(one.text, one.url) for one in found)]
