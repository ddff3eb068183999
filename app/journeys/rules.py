"""What a run does next: pure decisions about definitions, facts and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import NamedTuple

import msgspec

from app.journeys.definitions import (
    AT_THE_MOMENT,
    BECOMES_TRUE,
    Definition,
    Offset,
    Split,
    Step,
    condition,
    parse_floor,
    parse_offset,
)
from app.journeys.times import MORNING, leap_day, shifted

__all__ = ["MORNING", "shifted"]

#: So many answers a definition remembers.
MOST_ANSWERS = 1024
#: A journey that begins anew is looked ahead so many times at most.
MOST_ROUNDS = 400


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What is known about a run's subject. An anchor that has not happened is None or missing;
    `flags` are the conditions that hold, of those the definition speaks of; `exit` is the reason
    to stop, whatever else is true."""

    anchors: Mapping[str, datetime | None]
    flags: frozenset[str] = frozenset()
    zone: str = "UTC"
    product_kind: str = "standard"
    delivery_days: int = 0
    #: Days between this customer's orders, as they usually are; None while nobody can say.
    own_interval_days: float | None = None
    exit: str | None = None
    #: Whether anything was really sent: only then is there an answer to wait for.
    asked: bool = True
    #: Whether the arbiter refused any of it.
    refused: bool = True
    #: Steps that were passed over because a condition did not hold at their moment.
    passed: frozenset[str] = frozenset()
    #: Steps that another journey of this order does instead.
    replaced: frozenset[str] = frozenset()
    #: How often the journey began anew.
    round: int = 0
    #: Whether this person's birthday is 29 February, which most years do not have.
    leapling: bool = False


class Due(msgspec.Struct, frozen=True, gc=False):
    """The step that comes next, and when (which may be over already)."""

    step: str
    at: datetime


class Wait(msgspec.Struct, frozen=True, gc=False):
    """Nothing to do before `until`; None waits for an event."""

    until: datetime | None = None


class Again(msgspec.Struct, frozen=True):
    """All steps are taken, and the journey begins anew."""

    round: int


class End(msgspec.Struct, frozen=True, gc=False):
    """The run is over."""

    reason: str


Decision = Due | Wait | Again | End


@dataclass(frozen=True)
class Planned:
    """A step that is still to come; `at` is None while its moment has not come about, and then
    `about` may say when it should be, if everything goes as expected. `only_if` are the conditions
    that do not hold yet and are looked at when it is due."""

    step: Step
    offset: Offset
    at: datetime | None = None
    about: datetime | None = None
    only_if: tuple[str, ...] = ()


class Candidate(NamedTuple):
    """A step that may still come; one that `hangs` waits for a condition that comes true."""

    step: Step
    hangs: bool


class _Open(msgspec.Struct):
    """What may still come: the step that is due first, whether one waits for its anchor, and until
    when others hang on a fact."""

    first: Due | None = None
    untimed: bool = False
    hanging: list[datetime | None] = []


# --- what comes next ----------------------------------------------------------------------------


def next_step(
    definition: Definition, facts: Facts, done: Mapping[str, datetime], now: datetime
) -> Decision:
    """What a run does next. `done` maps the steps it took (sent or skipped) to their moments."""
    if facts.exit:
        return End(facts.exit)
    found = _still_open(definition, facts, done, now)
    if found.first:
        return found.first
    if found.untimed or found.hanging:
        return Wait(min((at for at in found.hanging if at), default=None))
    return _after_last(definition, facts, done, now)


def _still_open(
    definition: Definition, facts: Facts, done: Mapping[str, datetime], now: datetime
) -> _Open:
    found = _Open()
    for step, hangs in candidates(definition, facts, done):
        at = moment(definition, step, facts, done)
        if hangs:
            if at is None or at > now:
                found.hanging.append(at)
        elif at is None:
            found.untimed = True
        elif found.first is None or at < found.first.at:
            found.first = Due(step.key, at)
    return found


def candidates(
    definition: Definition, facts: Facts, done: Mapping[str, datetime]
) -> tuple[Candidate, ...]:
    """The steps that may still come. Which these are hangs on few facts, and runs of a journey are
    much alike: the definition remembers the answer."""
    asked = facts.flags, facts.passed, frozenset(done)
    found: tuple[Candidate, ...] | None = definition.answers.get(asked)
    if found is None:
        if len(definition.answers) >= MOST_ANSWERS:
            definition.answers.clear()
        found = definition.answers[asked] = tuple(_candidates(definition, facts, done))
    return found


def _candidates(
    definition: Definition, facts: Facts, done: Mapping[str, datetime]
) -> Iterator[Candidate]:
    for step in definition.steps:
        if step.key not in done and follows(definition, step, facts, done):
            lacking = _lacking(step, facts)
            if BECOMES_TRUE.issuperset(lacking):
                yield Candidate(step, bool(lacking))


def _after_last(
    definition: Definition, facts: Facts, done: Mapping[str, datetime], now: datetime
) -> Decision:
    if done and definition.cycle:
        return Again(next_round(definition, facts, now))
    if done and not facts.asked:
        return End("nothing_sent" if facts.refused else "completed")
    if definition.patience and done:
        until = shifted(max(done.values()), parse_offset(definition.patience), facts.zone)
        return Wait(until) if now < until else End("unanswered")
    return End("completed")


def next_round(definition: Definition, facts: Facts, now: datetime) -> int:
    """The next round of which no step lies in the past: what was missed is not made up for."""
    first = [step for step in definition.steps if step.after is None]
    for number in range(facts.round + 1, facts.round + MOST_ROUNDS):
        ahead = msgspec.structs.replace(facts, round=number)
        moments = [moment(definition, step, ahead, {}) for step in first]
        if all(at is None or at > now for at in moments):
            return number
    return facts.round + MOST_ROUNDS


# --- forecasts ----------------------------------------------------------------------------------


def plan(definition: Definition, facts: Facts, done: Mapping[str, datetime]) -> list[Planned]:
    """All steps still to come as things stand: those with a date first, in their order."""
    coming, taken = _walk(definition, facts, done)
    if facts.exit:
        return []
    hoped = {one.step.key: one.at for one in _walk(definition, as_expected(facts), taken)[0]}
    return coming + [
        Planned(
            step,
            step.offset_for(facts.product_kind),
            None,
            hoped.get(step.key),
            _undecided(step, facts),
        )
        for step in _open(definition, facts, taken)
    ]


def as_expected(facts: Facts) -> Facts:
    """The facts as they will be if the goods arrive on the expected day."""
    shipped, arrives = (
        facts.anchors.get(name) for name in ("expected_shipping", "expected_delivery")
    )
    if arrives is None or facts.anchors.get("received") is not None:
        return facts
    hoped = {"out_for_delivery": arrives, "received": arrives, "delivered": arrives}
    if facts.anchors.get("shipped") is None and shipped is not None:
        hoped["shipped"] = shipped
    return msgspec.structs.replace(facts, anchors={**facts.anchors, **hoped})


def _walk(
    definition: Definition, facts: Facts, done: Mapping[str, datetime]
) -> tuple[list[Planned], dict[str, datetime]]:
    """Take every step whose moment is known, one after the other."""
    taken, coming = dict(done), []
    while facts.exit is None:
        decision = next_step(definition, facts, taken, datetime.max.replace(tzinfo=UTC))
        if not isinstance(decision, Due):
            break
        step = definition.step(decision.step)
        if left_out(step, facts) is None:
            offset = step.offset_for(facts.product_kind)
            coming.append(Planned(step, offset, decision.at, only_if=_undecided(step, facts)))
        taken[decision.step] = decision.at
        if step.end and not step.off and not _undecided(step, facts):
            break
    return coming, taken


def _open(definition: Definition, facts: Facts, done: Mapping[str, datetime]) -> list[Step]:
    return [
        step
        for step in definition.steps
        if step.key not in done
        and left_out(step, facts) is None
        and applies(definition, step, facts, done)
    ]


# --- conditions ---------------------------------------------------------------------------------


def applies(definition: Definition, step: Step, facts: Facts, done: Mapping[str, datetime]) -> bool:
    """Whether a step may still come, as far as that can be said before its moment."""
    return not _lacking(step, facts) and follows(definition, step, facts, done)


def follows(definition: Definition, step: Step, facts: Facts, done: Mapping[str, datetime]) -> bool:
    """Whether the step that this one counts from was taken or still may be."""
    if step.after is None or step.after in facts.passed:
        return step.after is None
    if step.after in done:
        return True
    return applies(definition, definition.step(step.after), facts, done)


def verdict(step: Step, facts: Facts, done: Mapping[str, datetime]) -> str | None:
    """The condition for which a step that is due is passed over; None when it is to be taken."""
    for word in failing(step.when, facts.flags):
        return word
    for one in map(condition, step.when):
        divided = one.value.partition(":")[0]
        if one.name == "split" and (divided not in done or divided in facts.passed):
            return one.word
    return None


def left_out(step: Step, facts: Facts) -> str | None:
    """Why a step is taken without doing anything: another journey of the order does it instead, or
    it is switched off. What counts from it goes on."""
    if step.key in facts.replaced:
        return "replaced"
    return "step_off" if step.off else None


def holds(conditions: Iterable[str], flags: frozenset[str]) -> bool:
    """Whether all conditions hold; `not x` holds when `x` is not among the flags."""
    return not failing(conditions, flags)


def failing(conditions: Iterable[str], flags: frozenset[str]) -> list[str]:
    """The conditions that do not hold."""
    if not conditions:
        return []
    asked = _taken_apart(tuple(conditions))
    return [word for word, plain, negated in asked if (plain in flags) == negated]


@lru_cache(maxsize=4096)
def _taken_apart(conditions: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    return tuple((word, word.removeprefix("not "), word.startswith("not ")) for word in conditions)


def _lacking(step: Step, facts: Facts) -> list[str]:
    """What does not hold and need not wait for the step's moment to be looked at."""
    return failing(step.settled_early, facts.flags)


def _undecided(step: Step, facts: Facts) -> tuple[str, ...]:
    words = failing(step.when, facts.flags)
    return tuple(word for word in words if condition(word).name in AT_THE_MOMENT)


# --- moments ------------------------------------------------------------------------------------


def moment(
    definition: Definition, step: Step, facts: Facts, done: Mapping[str, datetime]
) -> datetime | None:
    """When a step falls due; None while its anchor has not happened. A step that comes after its
    anchor is never before it."""
    anchor = done.get(step.after) if step.after else facts.anchors.get(step.anchor)
    if anchor is None:
        return None
    offset = step.offset_for(facts.product_kind)
    turned = offset.plus(_rounds(definition, step, facts)) if facts.round else offset
    at = shifted(anchor, turned, facts.zone)
    if facts.leapling and step.anchor == "birthday":
        at += leap_day(anchor, turned, facts.zone)
    if step.earlier_by:
        at = shifted(at, Offset(days=-facts.delivery_days), facts.zone)
    elif at < anchor and not offset.backwards:
        at = anchor
    floor = _floor(step.not_before, facts) if step.not_before else None
    return max(at, floor) if floor else at


def _rounds(definition: Definition, step: Step, facts: Facts) -> Offset:
    if not definition.cycle or step.after:
        return Offset()
    return parse_offset(definition.cycle).times(facts.round)


def _floor(not_before: str, facts: Facts) -> datetime | None:
    """The moment before which a step does not come; None while its anchor has not happened."""
    floor = parse_floor(not_before)
    anchor = facts.anchors.get(floor.anchor)
    if anchor is None:
        return None
    if floor.intervals:
        days = ceil(floor.intervals * (facts.own_interval_days or 0))
        return shifted(anchor, Offset(days=days), facts.zone)
    return shifted(anchor, floor.offset, facts.zone)


# --- people -------------------------------------------------------------------------------------


def arm_of(split: Split, journey: str, step: str, person: str) -> str:
    """Which arm of a split a person is in: always the same one, by a hash of who it is."""
    digest = sha256(f"{journey}\n{step}\n{person}".encode()).digest()
    place = int.from_bytes(digest[:8]) % 100
    for name, share in split.arms.items():
        if place < share:
            return name
        place -= share
    raise ValueError("the arms of a split add up to 100")
