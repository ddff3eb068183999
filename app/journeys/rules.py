"""What a run does next: pure decisions about definitions, facts and time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.journeys.definitions import Definition, Offset, Step, parse_offset

#: When a calendar day begins for messages (local time): the opening of the window in which mail
#: is welcome. The arbiter chooses the better hour of that day.
MORNING = time(8)

_GIFT = re.compile(r"gift|のし|熨斗|ギフト|贈", re.IGNORECASE)
_NO = frozenset(
    {"", "no", "none", "false", "0", "off", "なし", "無し", "不要", "いいえ", "希望しない"}
)


@dataclass(frozen=True)
class Facts:
    """What is known about a run's subject. An anchor that has not happened is None or missing;
    `exit` is the reason to stop, whatever else is true."""

    anchors: Mapping[str, datetime | None]
    flags: frozenset[str] = frozenset()
    zone: str = "UTC"
    product_kind: str = "standard"
    delivery_days: int = 0
    exit: str | None = None
    #: Whether anything was really sent: only then is there an answer to wait for.
    asked: bool = True


@dataclass(frozen=True)
class Due:
    """The step that comes next, and when (which may be over already)."""

    step: str
    at: datetime


@dataclass(frozen=True)
class Wait:
    """Nothing to do before `until`; None waits for an event."""

    until: datetime | None = None


@dataclass(frozen=True)
class End:
    """The run is over."""

    reason: str


Decision = Due | Wait | End


@dataclass(frozen=True)
class Planned:
    """A step that is still to come; `at` is None while its moment has not come about, and then
    `about` may say when it should be, if everything goes as expected."""

    step: Step
    offset: Offset
    at: datetime | None = None
    about: datetime | None = None


def next_step(
    definition: Definition, facts: Facts, done: Mapping[str, datetime], now: datetime
) -> Decision:
    """What a run does next. `done` maps the steps it took (sent or skipped) to their moments."""
    if facts.exit:
        return End(facts.exit)
    open_steps = [
        (moment(step, facts, done), number, step.key)
        for number, step in enumerate(definition.steps)
        if step.key not in done and applies(definition, step, facts, done)
    ]
    timed = [(at, number, key) for at, number, key in open_steps if at is not None]
    if timed:
        at, _number, key = min(timed)
        return Due(key, at)
    return Wait() if open_steps else _after_last(definition, facts, done, now)


def _after_last(
    definition: Definition, facts: Facts, done: Mapping[str, datetime], now: datetime
) -> Decision:
    if done and not facts.asked:
        return End("nothing_sent")
    if definition.patience and done:
        until = shifted(max(done.values()), parse_offset(definition.patience), facts.zone)
        return Wait(until) if now < until else End("unanswered")
    return End("completed")


def plan(definition: Definition, facts: Facts, done: Mapping[str, datetime]) -> list[Planned]:
    """All steps still to come as things stand: those with a date first, in their order."""
    coming, taken = _walk(definition, facts, done)
    if facts.exit:
        return []
    hoped = {one.step.key: one.at for one in _walk(definition, as_expected(facts), taken)[0]}
    return coming + [
        Planned(step, step.offset_for(facts.product_kind), None, hoped.get(step.key))
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
    return replace(facts, anchors={**facts.anchors, **hoped})


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
        coming.append(Planned(step, step.offset_for(facts.product_kind), decision.at))
        taken[decision.step] = decision.at
    return coming, taken


def _open(definition: Definition, facts: Facts, done: Mapping[str, datetime]) -> list[Step]:
    return [
        step
        for step in definition.steps
        if step.key not in done and applies(definition, step, facts, done)
    ]


def applies(definition: Definition, step: Step, facts: Facts, done: Mapping[str, datetime]) -> bool:
    """Whether a step's conditions hold; one that counts from a step needs that step's, too."""
    if not holds(step.when, facts.flags):
        return False
    if step.after is None or step.after in done:
        return True
    return applies(definition, definition.step(step.after), facts, done)


def holds(conditions: Iterable[str], flags: frozenset[str]) -> bool:
    """Whether all conditions hold; `not x` holds when `x` is not among the flags."""
    return not failing(conditions, flags)


def failing(conditions: Iterable[str], flags: frozenset[str]) -> list[str]:
    """The conditions that do not hold."""
    return [
        word
        for word in conditions
        if (word.removeprefix("not ") in flags) == word.startswith("not ")
    ]


def moment(step: Step, facts: Facts, done: Mapping[str, datetime]) -> datetime | None:
    """When a step falls due; None while its anchor has not happened. A step that comes after its
    anchor is never before it."""
    anchor = done.get(step.after) if step.after else facts.anchors.get(step.anchor)
    if anchor is None:
        return None
    offset = step.offset_for(facts.product_kind)
    at = shifted(anchor, offset, facts.zone)
    if step.earlier_by:
        return shifted(at, Offset(days=-facts.delivery_days), facts.zone)
    after = offset.days >= 0 and offset.span >= timedelta(0)
    return max(at, anchor) if after else at


def shifted(start: datetime, offset: Offset, zone: str) -> datetime:
    """`start` moved by an exact span, or to the morning of a date so many days away in `zone`."""
    if not offset.days:
        return start + offset.span
    tz = ZoneInfo(zone)
    day = start.astimezone(tz).date() + timedelta(days=offset.days)
    return datetime.combine(day, MORNING, tz).astimezone(UTC)


def is_gift(attributes: Iterable[tuple[str, str]], titles: Iterable[str]) -> bool:
    """Whether an order is for someone else: a gift note or wrapping among its attributes, or a
    wrapping among its lines."""
    if any(_GIFT.search(key) and value.strip().lower() not in _NO for key, value in attributes):
        return True
    return any(
        re.search(r"gift[- ]?wrap|ギフトラッピング|ギフト包装|のし|熨斗", title, re.IGNORECASE)
        for title in titles
    )
