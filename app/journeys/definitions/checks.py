"""What is wrong with a definition: every mistake with its place and the reason, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from app.core.locale import LANGUAGES
from app.core.locale import gettext as _
from app.journeys.definitions.needs import NEEDS
from app.journeys.definitions.offsets import parse_floor, parse_offset
from app.journeys.definitions.shape import Definition, Step, Words
from app.journeys.definitions.vocabulary import (
    ABOUT_STEPS,
    ANCHORS,
    CHOICES,
    ENDS,
    FLAGS,
    LIVE_FROM_STEPS,
    PRODUCT_KINDS,
    TEXTS,
    Condition,
    condition,
)
from app.messages import queries as messages

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REASON = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_STEP_OF = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")
_WITHIN = re.compile(r"[1-9]\d?d")


#: A parcel is there from the first of these on.
SENT = ("shipped", "received")

#: More steps than anybody could follow, and than are quickly worked out.
MOST_STEPS = 100


class Mistake(NamedTuple):
    """One mistake: where, and why."""

    place: str
    reason: str


def mistakes(found: Definition) -> list[Mistake]:
    """Every mistake of a definition that has the right shape; empty when it can be used."""
    if len(found.steps) > MOST_STEPS:
        return [Mistake("steps", _("a journey has %(most)s steps at most", most=MOST_STEPS))]
    wrong = [*_of_journey(found), *_of_spans(found), *_of_requests(found)]
    earlier: dict[str, Step] = {}
    for number, step in enumerate(found.steps):
        place = f"steps[{number}]"
        wrong += [Mistake(f"{place}.{where}", why) for where, why in _of_step(found, step, earlier)]
        earlier.setdefault(step.key, step)
    return wrong


def dangling(found: Definition, known: Mapping[str, Definition]) -> list[Mistake]:
    """Steps of other journeys that it would replace and that `known` does not have, or that it may
    not replace."""
    wrong = []
    for name in found.replaces:
        step = _step_of(name, known)
        if step is None:
            wrong.append(Mistake("replaces", _("there is no step %(name)s", name=repr(name))))
        elif messages.asks_for_review(step.message) and any(map(_is_answer, found.when)):
            why = _("%(name)s asks for a review, whatever was answered", name=repr(name))
            wrong.append(Mistake("replaces", why))
    return wrong


def _step_of(name: str, known: Mapping[str, Definition]) -> Step | None:
    journey, _dot, key = name.partition(".")
    steps = known[journey].steps if journey in known else ()
    return next((step for step in steps if step.key == key), None)


def _of_requests(found: Definition) -> Iterator[Mistake]:
    """Who is asked for a review may not hang on what they think (rules.md RV-1): neither the
    request, nor any other step, by which those who are discontent could be led past it."""
    if not any(messages.asks_for_review(step.message) for step in found.steps):
        return
    places = [("when", found.when)]
    places += [(f"steps[{number}].when", step.when) for number, step in enumerate(found.steps)]
    for place, said in places:
        for text in filter(_is_answer, said):
            why = _(
                "everybody is asked for a review, whatever they said: not %(text)s", text=repr(text)
            )
            yield Mistake(place, why)


def _is_answer(text: str) -> bool:
    return condition(text).name == "survey"


def _of_journey(found: Definition) -> Iterator[Mistake]:
    if not _KEY.fullmatch(found.key) or len(found.key) > 48:
        yield Mistake("key", _("%(text)s is not a name", text=repr(found.key)))
    if not found.steps:
        yield Mistake("steps", _("a journey needs at least one step"))
    elif all(step.off for step in found.steps):
        yield Mistake("steps", _("all steps are off: switch the journey itself off instead"))
    yield from _of_words("name", found.name)
    yield from _of_words("description", found.description)
    if found.per == "parcel" and (found.about == "line" or found.starts not in SENT):
        yield Mistake("per", _("a parcel's journey starts with shipped or received, about order"))
    yield from _of_names(found)
    yield from _of_conditions("when", found.when, {})


def _of_names(found: Definition) -> Iterator[Mistake]:
    for name in found.needs:
        if name not in NEEDS:
            yield Mistake("needs", _("%(text)s is nothing Okaeri knows", text=repr(name)))
    for name in found.ends_on:
        if name not in ENDS or found.per != "customer":
            yield Mistake("ends_on", _("only a customer's journey ends on ordered_again"))
    for name in found.replaces:
        if not _STEP_OF.fullmatch(name):
            yield Mistake("replaces", _("%(text)s is not journey.step", text=repr(name)))


def _of_words(place: str, words: Words) -> Iterator[Mistake]:
    for language in LANGUAGES:
        if not getattr(words, language).strip():
            yield Mistake(f"{place}.{language}", _("the text is missing"))


def _of_spans(found: Definition) -> Iterator[Mistake]:
    for place in ("patience", "at_most", "cycle"):
        text = getattr(found, place)
        if text is None:
            continue
        yield from (wrong := list(_of_offset(place, text)))
        if not wrong and (parse_offset(text).backwards or not _lasts(text)):
            yield Mistake(place, _("%(text)s is no span of time", text=repr(text)))
    if found.cycle and found.steps and all(step.after for step in found.steps[:1]):
        yield Mistake("cycle", _("what begins anew needs a moment to count from"))


def _lasts(text: str) -> bool:
    return any(digit not in "0" for digit in text if digit.isdigit())


def _of_step(found: Definition, step: Step, earlier: Mapping[str, Step]) -> Iterator[Mistake]:
    if not _KEY.fullmatch(step.key) or len(step.key) > 48:
        yield Mistake("key", _("%(text)s is not a step's name", text=repr(step.key)))
    if step.key in earlier:
        yield Mistake("key", _("%(text)s stands here twice", text=repr(step.key)))
    if step.anchor not in ANCHORS and step.after not in earlier:
        text = repr(step.anchor)
        yield Mistake("anchor", _("%(text)s is neither a moment nor an earlier step", text=text))
    yield from _of_conditions("when", step.when, earlier)
    yield from _of_silence(step, earlier)
    yield from _of_offsets(step)
    yield from _of_floor(step)
    yield from _of_action(found, step)


def _of_silence(step: Step, earlier: Mapping[str, Step]) -> Iterator[Mistake]:
    """A step may count from one that is off, but not live from what that one would have done."""
    for one in () if step.off else map(condition, step.when):
        asked = earlier.get(one.value.partition(":")[0]) if one.name in LIVE_FROM_STEPS else None
        if asked is not None and asked.off and (one.name == "split" or not one.negated):
            reason = _(
                "%(text)s never holds: step “%(step)s” is off", text=one.word, step=asked.key
            )
            yield Mistake("when", reason)


def _of_offsets(step: Step) -> Iterator[Mistake]:
    if isinstance(step.offset, str):
        yield from _of_offset("offset", step.offset)
        return
    for text in step.offset.values():
        yield from _of_offset("offset", text)
    if unknown := set(step.offset) - PRODUCT_KINDS:
        kinds = ", ".join(sorted(unknown))
        yield Mistake("offset", _("unknown product kinds: %(kinds)s", kinds=kinds))
    if "standard" not in step.offset:
        yield Mistake("offset", _("offsets by product kind need one for 'standard'"))


def _of_offset(place: str, text: str) -> Iterator[Mistake]:
    yield from _unreadable(place, text, parse_offset)


def _of_floor(step: Step) -> Iterator[Mistake]:
    if step.not_before is None:
        return
    wrong = list(_unreadable("not_before", step.not_before, parse_floor))
    yield from wrong
    if not wrong and (anchor := parse_floor(step.not_before).anchor) not in ANCHORS:
        yield Mistake("not_before", _("%(text)s is not a moment", text=repr(anchor)))


def _unreadable(place: str, text: str, parse: Callable[[str], object]) -> Iterator[Mistake]:
    try:
        parse(text)
    except ValueError as error:
        yield Mistake(place, str(error))


# --- actions ------------------------------------------------------------------------------------


def _of_action(found: Definition, step: Step) -> Iterator[Mistake]:
    if not step.actions:
        yield Mistake("", _("choose what the step does, and which message it sends"))
    if len(step.actions) > 1:
        yield Mistake("", _("a step does exactly one thing: message, task, split or end"))
    if step.channel and not step.message:
        yield Mistake("channel", _("only a message has a channel"))
    if step.message:
        yield from _of_message(found, step.message)
    if step.end and not (_REASON.fullmatch(step.end) and len(step.end) <= 48):
        yield Mistake("end", _("%(text)s is not a name", text=repr(step.end)))
    yield from _of_task(step)
    yield from _of_split(step)


def _of_message(found: Definition, name: str) -> Iterator[Mistake]:
    if not messages.is_kind(name):
        yield Mistake("message", _("there is no message %(text)s", text=repr(name)))
        return
    needs = messages.kind(name).needs
    if needs & {"line", "run_out"} and found.per != "line" and found.about != "line":
        text = repr(name)
        yield Mistake("message", _("%(text)s is about one product: set about to line", text=text))
    if "parcel" in needs and found.per != "parcel":
        text = repr(name)
        yield Mistake("message", _("%(text)s is about one parcel: set per to parcel", text=text))


def _of_task(step: Step) -> Iterator[Mistake]:
    if step.task is None:
        return
    yield from _of_words("task.title", step.task.title)
    if not _WITHIN.fullmatch(step.task.within):
        text = repr(step.task.within)
        yield Mistake("task.within", _("%(text)s is not working days such as 1d", text=text))


def _of_split(step: Step) -> Iterator[Mistake]:
    if step.split is None:
        return
    arms = step.split.arms
    if len(arms) < 2 or any(share < 1 for share in arms.values()):
        yield Mistake("split.arms", _("a split needs two arms or more, each above 0"))
    if sum(arms.values()) != 100:
        total = sum(arms.values())
        yield Mistake("split.arms", _("the arms add up to %(total)s instead of 100", total=total))
    for name in arms:
        if not _KEY.fullmatch(name):
            yield Mistake("split.arms", _("%(text)s is not a name", text=repr(name)))


# --- conditions ---------------------------------------------------------------------------------


def _of_conditions(
    place: str, said: Iterable[str], earlier: Mapping[str, Step]
) -> Iterator[Mistake]:
    for text in said:
        if why := _wrong_condition(condition(text), text, earlier):
            yield Mistake(place, why)


def wrong_words(said: Iterable[str]) -> list[str]:
    """What is wrong with conditions that stand by themselves, without steps before them."""
    return [mistake.reason for mistake in _of_conditions("when", said, {})]


def _wrong_condition(one: Condition, text: str, earlier: Mapping[str, Step]) -> str | None:
    if one.name in FLAGS and ":" not in text:
        return None
    if one.name in CHOICES:
        return _wrong_choice(one, text)
    if one.name in TEXTS:
        return _wrong_text(one, text)
    if one.name in ABOUT_STEPS:
        return _wrong_reference(one, text, earlier)
    return _("%(text)s is not a condition", text=repr(text))


def _wrong_choice(one: Condition, text: str) -> str | None:
    if one.value in CHOICES[one.name]:
        return None
    choices = ", ".join(sorted(CHOICES[one.name]))
    return _("%(text)s must be one of %(choices)s", text=repr(text), choices=choices)


_PATTERNS = {
    "orders": re.compile(r"[1-9]\d{0,3}"),
    "country": re.compile(r"[A-Z]{2}"),
    "province": re.compile(r"[A-Z0-9]{1,3}|JP-\d{2}"),
    "survey": re.compile(r"[a-z0-9-]+:[\w-]+"),
}


def _wrong_text(one: Condition, text: str) -> str | None:
    pattern = _PATTERNS.get(one.name)
    if pattern.fullmatch(one.value) if pattern else one.value.strip():
        return None
    return _("%(text)s has no value that makes sense", text=repr(text))


def _wrong_reference(one: Condition, text: str, earlier: Mapping[str, Step]) -> str | None:
    key, _colon, arm = one.value.partition(":")
    step = earlier.get(key)
    if step is None:
        return _("%(text)s speaks of a step that does not come before", text=repr(text))
    if one.name in ("clicked", "sent") and not step.message:
        return _("%(text)s speaks of a step that sends nothing", text=repr(text))
    if one.name == "split" and (step.split is None or arm not in step.split.arms):
        return _("%(text)s speaks of an arm that does not exist", text=repr(text))
    return None
