"""Steps and moments in plain words of both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.orm import Session

from app.core import prefectures
from app.core.locale import current_locale, ngettext
from app.core.locale import gettext as _
from app.core.places import country_name
from app.journeys.definitions import Definition, Offset, Step, condition, parse_offset
from app.messages import queries as messages
from app.surveys import queries as surveys
from app.surveys.rules import PRESETS


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
    """What a step is called: its task's name, what it does, or its message's title, numbered where
    a journey says the same more than once."""
    if step.task:
        return _("Task: %(title)s", title=step.task.title)
    if step.split:
        arms = [_arm(name, share) for name, share in step.split.arms.items()]
        return _("Split: %(arms)s", arms=_(", ").join(arms))
    if step.end:
        return _("The journey ends")
    alike = [one.key for one in definition.steps if one.message == step.message]
    if len(alike) == 1:
        return title
    return _("%(title)s (no. %(number)s)", title=title, number=alike.index(step.key) + 1)


def step_titles(definition: Definition, session: Session | None = None) -> dict[str, str]:
    """What each step of a journey is called, by its key; with a `session` also the answers that it
    goes by, as the shop asks for them."""
    language = current_locale()
    titles = {
        one.key: step_title(
            definition, one, messages.kind_title(one.message, language) if one.message else ""
        )
        for one in definition.steps
    }
    asks = session and any(condition(word).name == "survey" for word in definition.words)
    return titles | answer_titles(session) if session and asks else titles


def answer_titles(session: Session) -> dict[str, str]:
    """Every answer to the shop's questions in the shop's own words, by its condition."""
    return {
        f"survey:{key}:{value}": f"{said.question} {answer}"
        for key, said in surveys.words(session, current_locale()).items()
        for value, answer in said.labels.items()
    }


def typed_titles(steps: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What the steps of a form are called, by their keys; nothing in it needs to be right yet."""
    language = current_locale()
    kinds = [step["message"] if step["action"] == "message" else "" for step in steps]
    made: dict[str, str] = {}
    for number, (step, kind) in enumerate(zip(steps, kinds, strict=True)):
        title = {
            "task": _("Task: %(title)s", title=step[f"task.title.{language}"]),
            "split": _("Split the customers"),
            "end": _("The journey ends"),
        }.get(step["action"]) or _("Message")
        if messages.is_kind(kind):
            title = messages.kind_title(kind, language)
        if kind and kinds.count(kind) > 1:
            title = _(
                "%(title)s (no. %(number)s)", title=title, number=kinds[: number + 1].count(kind)
            )
        made.setdefault(step["key"], title)
    return made


def _arm(name: str, share: int) -> str:
    return _("%(name)s %(share)s %%", name=name, share=share)


def condition_text(step: Step, titles: Mapping[str, str] | None = None) -> str:
    """Whom or what a step is for, when it is not for all. `titles` are what the steps of its
    journey are called, and the answers it goes by."""
    said = [condition_words(word, titles) for word in step.when]
    if step.anchor == "received":
        said.append(_("digital goods and services: counted from the payment"))
    return _(", ").join(said)


def condition_words(word: str, titles: Mapping[str, str] | None = None) -> str:
    """One condition in plain words, `not gift` and `clicked:first` alike; a step by its title and
    an answer by the shop's words, where `titles` knows them."""
    one = condition(word)
    known = _negated() if one.negated else _plain()
    if one.word in known:
        return known[one.word]
    if one.name == "ordered_since" and one.negated:
        return _("when nothing was ordered since “%(step)s”", step=_called(one.value, titles))
    valued = _valued(one.value, titles).get(one.name) or _plain().get(one.name) or one.word
    return _("not: %(what)s", what=valued) if one.negated else valued


def _plain() -> dict[str, str]:
    return {
        "goods": _("goods that are shipped"),
        "digital": _("digital goods and services"),
        "service": _("services"),
        "first_order": _("first orders"),
        "repeat": _("repeat orders"),
        "gift": _("gifts"),
        "consumable": _("things that are used up"),
        "complex": _("things that take getting used to"),
        "fast": _("things that are used up soon"),
        "long_cycle": _("things that last for years"),
        "paid": _("once it is paid"),
        "paid_later": _("orders paid later, as at a convenience store"),
        "shipped": _("once it is shipped"),
        "delivered": _("once it is delivered"),
        "inferred": _("when the delivery is only inferred"),
        "high_value": _("high orders"),
        "top_decile": _("the best tenth of the customers"),
        "vip": _("high orders and the best tenth of the customers"),
        "engaged": _("customers who click or buy often"),
        "low_engagement": _("customers who rarely react"),
        "subscriber": _("customers who agreed to marketing e-mail"),
        "won": _("orders that a surprise was drawn for"),
        "subscription": _("what was bought as a subscription"),
        "subscription_running": _("what comes by a subscription that is running"),
        "renewal": _("orders that a subscription placed by itself"),
        "bought_before": _("what the customer has bought before"),
        "stage:new": _("new customers"),
        "stage:active": _("active customers"),
        "stage:at_risk": _("customers who are becoming silent"),
        "stage:lapsed": _("customers who stayed away"),
        "season:spring": _("in spring"),
        "season:summer": _("in summer"),
        "season:autumn": _("in autumn"),
        "season:winter": _("in winter"),
        "language:ja": _("orders in Japanese"),
        "language:en": _("orders in English"),
        "pack:coach": _("coaching"),
        "pack:service": _("services on request"),
        "pack:course": _("online courses"),
    }


def _negated() -> dict[str, str]:
    return {
        "shipped": _("only before it is shipped"),
        "delivered": _("only before it is delivered"),
        "paid": _("only before it is paid"),
        "gift": _("not for gifts"),
        "inferred": _("only when the carrier confirms it"),
        "subscription": _("not for what was bought as a subscription"),
        "subscription_running": _("not for what comes by a running subscription"),
        "renewal": _("not for orders that a subscription placed by itself"),
        "bought_before": _("not for what the customer has bought before"),
    }


def _called(step: str, titles: Mapping[str, str] | None) -> str:
    return (titles or {}).get(step) or step


def _valued(value: str, titles: Mapping[str, str] | None) -> dict[str, str]:
    step, _colon, arm = value.partition(":")
    step = _called(step, titles)
    return {
        "orders": ngettext("%(num)s order or more", "%(num)s orders or more", _number(value)),
        "product_type": _("products of the type %(value)s", value=value),
        "collection": _("products of the collection %(value)s", value=value),
        "tag": _("products with the tag %(value)s", value=value),
        "country": _("customers in %(value)s", value=country_name(value, current_locale())),
        "province": _("customers in %(value)s", value=_province(value)),
        "clicked": _("when a link of “%(step)s” was followed", step=step),
        "sent": _("when “%(step)s” was sent", step=step),
        "ordered_since": _("when something was ordered since “%(step)s”", step=step),
        "split": _("arm %(arm)s of “%(step)s”", arm=arm, step=step),
        "survey": _("who answered “%(value)s”", value=_answer(value, titles)),
    }


def _province(code: str) -> str:
    return prefectures.names(current_locale()).get(code, code)


def _answer(value: str, titles: Mapping[str, str] | None) -> str:
    """A question and its answer in words: the shop's, or those that Okaeri brings along."""
    if own := (titles or {}).get(f"survey:{value}"):
        return own
    key, _colon, answer = value.partition(":")
    rated = {"nps:detractor": _("0 to 6 of 10"), "csat:unhappy": _("not satisfied")}
    for draft in PRESETS:
        said = draft.texts[current_locale()]
        if draft.key == key:
            return f"{said.question} {dict(said.options).get(answer, answer)}"
    return rated.get(value, value)


def _number(value: str) -> int:
    return int(value) if value.isdigit() else 0


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


def moment_text(
    step: Step, offset: Offset, *, digital: bool = False, at_the_door: bool = False
) -> str:
    """When a step's message goes out, counted in words from its moment. For an order of which
    nothing is shipped, receiving it is paying it; what is paid at the door counts as paid when it
    is ordered."""
    if digital and step.anchor == "received":
        step = msgspec.structs.replace(step, anchor="paid")
    if at_the_door and step.anchor == "paid":
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
    if offset.months:
        years, months = divmod(abs(offset.months), 12)
        sign = -1 if offset.months < 0 else 1
        return (sign * years, "y") if not months else (offset.months, "mo")
    if offset.days:
        return offset.days, "d"
    minutes = int(offset.span.total_seconds() // 60)
    return (minutes // 60, "h") if minutes % 60 == 0 else (minutes, "m")


def _span(count: int, unit: str) -> str:
    if unit == "d":
        return ngettext("%(num)s day", "%(num)s days", count)
    if unit == "mo":
        return ngettext("%(num)s month", "%(num)s months", count)
    if unit == "y":
        return ngettext("%(num)s year", "%(num)s years", count)
    if unit == "h":
        return ngettext("%(num)s hour", "%(num)s hours", count)
    return ngettext("%(num)s minute", "%(num)s minutes", count)


def moment_names() -> dict[str, str]:
    """The moments that a step may count from, each apart from the others."""
    return {
        **_anchor_names(),
        "delivered": _("delivery (goods)"),
        "received": _("delivery, or payment where nothing is shipped"),
        "season": _("the next season"),
    }


def _anchor_text(step: Step) -> str:
    return _anchor_names().get(step.anchor) or _("the first of these messages")


def _anchor_names() -> dict[str, str]:
    return {
        "ordered": _("the order"),
        "paid": _("the payment"),
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
        "birthday": _("the birthday"),
        "subscribed": _("the beginning of the subscription"),
        "season": _("the beginning of the season"),
    }


def _at_once_text(step: Step) -> str:
    return {
        "ordered": _("at once when the order comes in"),
        "paid": _("at once when it is paid"),
        "birthday": _("on the birthday"),
        "subscribed": _("at once when something is subscribed to"),
        "season": _("when the season begins"),
        "shipped": _("at once when the parcel is shipped"),
        "out_for_delivery": _("at once when it is out for delivery"),
        "attempted": _("at once when nobody was in"),
        "delayed": _("at once when it is late"),
        "delivered": _("at once when it is delivered"),
        "received": _("at once when it is delivered"),
    }.get(step.anchor, _("when its moment comes"))
