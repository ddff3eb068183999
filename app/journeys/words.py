"""Steps and moments in plain words of both languages."""

from __future__ import annotations

import msgspec

from app.core.locale import gettext as _
from app.core.locale import ngettext
from app.journeys.definitions import Definition, Offset, Step, parse_offset


def when_text(step: Step) -> str:
    """When a step's message goes out, for every kind of product."""
    if isinstance(step.offset, str):
        return moment_text(step, parse_offset(step.offset))
    spans = [
        _(
            "%(span)s (%(kind)s)",
            span=_span(*_count(parse_offset(text))),
            kind=kind_text(kind).lower(),
        )
        for kind, text in step.offset.items()
    ]
    return _("After %(anchor)s: %(spans)s", anchor=_anchor_text(step), spans=_(", ").join(spans))


def step_title(definition: Definition, step: Step, title: str) -> str:
    """What a step's message is called, numbered where a journey says the same more than once."""
    alike = [one.key for one in definition.steps if one.message == step.message]
    if len(alike) == 1:
        return title
    return _("%(title)s (no. %(number)s)", title=title, number=alike.index(step.key) + 1)


def condition_text(step: Step) -> str:
    """Whom or what a step is for, when it is not for all."""
    texts = {
        "goods": _("goods that are shipped"),
        "digital": _("digital goods and services"),
        "first_order": _("first orders"),
        "consumable": _("things that are used up"),
        "paid": _("once it is paid"),
        "not shipped": _("only before it is shipped"),
        "not gift": _("not for gifts"),
        "not inferred": _("only when the carrier confirms it"),
    }
    said = [texts[word] for word in step.when if word in texts]
    if step.anchor == "received":
        said.append(_("digital goods and services: counted from the order"))
    return _(", ").join(said)


def kind_text(kind: str) -> str:
    """How a product is used."""
    return {
        "fast": _("Used up soon"),
        "standard": _("Ordinary goods"),
        "complex": _("Takes getting used to"),
        "long_cycle": _("Lasts for years"),
    }[kind]


def only_if(step: Step) -> bool:
    """Whether a step is for something that one hopes will not happen."""
    return step.anchor in ("attempted", "delayed")


def moment_text(step: Step, offset: Offset, *, digital: bool = False) -> str:
    """When a step's message goes out, counted in words from its moment. For an order of which
    nothing is shipped, receiving it is ordering it."""
    if digital and step.anchor == "received":
        step = msgspec.structs.replace(step, anchor="ordered")
    if offset == Offset():
        return _at_once_text(step)
    anchor = _anchor_text(step)
    count, unit = _count(offset)
    if count > 0:
        return _("%(span)s after %(anchor)s", span=_span(count, unit), anchor=anchor)
    if step.earlier_by:
        return _(
            "%(span)s and the usual delivery time before %(anchor)s",
            span=_span(-count, unit),
            anchor=anchor,
        )
    return _("%(span)s before %(anchor)s", span=_span(-count, unit), anchor=anchor)


def _count(offset: Offset) -> tuple[int, str]:
    if offset.days:
        return offset.days, "d"
    minutes = int(offset.span.total_seconds() // 60)
    return (minutes // 60, "h") if minutes % 60 == 0 else (minutes, "m")


def _span(count: int, unit: str) -> str:
    if unit == "d":
        return ngettext("%(num)s day", "%(num)s days", count)
    if unit == "h":
        return ngettext("%(num)s hour", "%(num)s hours", count)
    return ngettext("%(num)s minute", "%(num)s minutes", count)


def _anchor_text(step: Step) -> str:
    texts = {
        "ordered": _("the order"),
        "shipped": _("shipping"),
        "out_for_delivery": _("going out for delivery"),
        "attempted": _("the missed delivery"),
        "delayed": _("the delay"),
        "expected_delivery": _("the expected delivery"),
        "delivered": _("delivery"),
        "received": _("delivery"),
        "predicted_run_out": _("the day it should run out"),
        "last_order": _("the last order"),
        "first_order": _("the first order"),
    }
    return texts.get(step.anchor) or _("the first of these messages")


def _at_once_text(step: Step) -> str:
    return {
        "ordered": _("at once when the order comes in"),
        "shipped": _("at once when the parcel is shipped"),
        "out_for_delivery": _("at once when it is out for delivery"),
        "attempted": _("at once when nobody was in"),
        "delayed": _("at once when it is late"),
        "delivered": _("at once when it is delivered"),
        "received": _("at once when it is delivered"),
    }.get(step.anchor, _("when its moment comes"))
