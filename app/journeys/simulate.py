"""Journeys in imagination: what they would have given people, without sending anything.

Pure: one person's past goes in, every step with its moment and its reason comes out. The same
`rules.next_step` decides as for real runs and the same arbiter places the messages, in the order in
which things happened; nobody is assumed to click, to answer or to come back because of a message.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from app.journeys import rules
from app.journeys.definitions import Definition, Step, parse_offset
from app.messages import rules as arbiter
from app.messages.kinds import MARKETING, Kind

#: What becomes of a step in imagination.
SENT, SKIPPED, CANCELLED, TASK, PASSED = "sent", "skipped", "cancelled", "task", "passed"

#: Why a message that waits for its hour loses its point when a condition of its step falls away.
POINTLESS = {
    "paid": "unpaid",
    "not shipped": "shipped_already",
    "not delivered": "shipped_already",
}


@dataclass(frozen=True)
class Course:
    """One subject's way through one journey, as its past was. `moments` are anchors and when each
    came about; `known` are dates that stand before they come (the expected delivery, the day it
    runs out). `since` says from when on a flag holds, `ends` what breaks the run off, and when.
    `hoped` names the anchors that are expectations. `refused` ends it at once."""

    definition: Definition
    order_id: int
    subject: str
    begins: datetime
    zone: str
    moments: Mapping[str, datetime] = field(default_factory=dict)
    known: Mapping[str, datetime | None] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    since: Mapping[str, datetime] = field(default_factory=dict)
    ends: tuple[tuple[datetime, str], ...] = ()
    hoped: frozenset[str] = frozenset()
    refused: str | None = None
    product: str = ""
    product_kind: str = "standard"
    delivery_days: int = 0
    own_interval_days: float | None = None
    #: The anchors and conditions the definition speaks of: other news change nothing.
    heard: frozenset[str] = frozenset()

    def news(self) -> set[datetime]:
        """The moments at which a run would have found something new."""
        heard = self.heard
        found = {at for at, _reason in self.ends}
        found |= {at for name, at in self.moments.items() if name in heard}
        found |= {at for name, at in self.since.items() if name in heard}
        return {at for at in found if at > self.begins}


@dataclass(frozen=True)
class Person:
    """Whose courses they are. `refusal` is asked with a kind and says why a message of it may not
    reach them; None when it may. `channel` likewise names the channel it would take."""

    zone: str
    courses: tuple[Course, ...]
    kinds: Mapping[str, Kind]
    refusal: Callable[[Kind], str | None]
    channel: Callable[[Kind], str] = lambda _kind: "email"
    #: When they ordered, and who they are to a split.
    ordered: tuple[datetime, ...] = ()
    name: str = ""


@dataclass
class Told:
    """What became of one step. `wanted` is the step's own moment, `at` when its message would have
    left; `shifts` say what moved it. `state` is `sent`, `skipped` (with a reason), `cancelled`
    (placed, then called off), `task` or `passed` (it sends nothing)."""

    course: Course
    step: Step
    wanted: datetime
    decided: datetime
    state: str
    at: datetime | None = None
    kind: Kind | None = None
    channel: str = ""
    reason: str = ""
    shifts: list[arbiter.Shift] = field(default_factory=list)
    expected: bool = False


@dataclass(frozen=True)
class Ended:
    """Why a course was not entered, or what ended it."""

    course: Course
    at: datetime
    reason: str


@dataclass(frozen=True)
class Imagined:
    """Everything journeys would have done for one person, in the order it was decided."""

    told: list[Told]
    ended: list[Ended]


def imagine(person: Person, until: datetime) -> Imagined:
    """Walk a person's courses side by side up to `until`, as one arbiter sees them."""
    return _Walk(person, until).go()


class _Run:
    """A course on its way."""

    def __init__(self, course: Course, replaced: frozenset[str]) -> None:
        self.course, self.replaced = course, replaced
        self.done: dict[str, datetime] = {}
        self.passed: set[str] = set()
        self.words: set[str] = set()
        self.waiting: list[Told] = []
        self.asked = self.refused = self.over = False
        self.round = 0
        self.looks: set[datetime] = set()

    def facts(self, now: datetime, ordered: Sequence[datetime]) -> rules.Facts:
        """What was known at a moment, with what the run itself did."""
        course = self.course
        happened = {name: at for name, at in course.moments.items() if at <= now}
        return rules.Facts(
            anchors={**course.known, **happened},
            flags=self._flags(now, ordered),
            zone=course.zone,
            product_kind=course.product_kind,
            delivery_days=course.delivery_days,
            own_interval_days=course.own_interval_days,
            exit=next((reason for at, reason in course.ends if at <= now), None),
            asked=self.asked,
            refused=self.refused,
            passed=frozenset(self.passed),
            replaced=self.replaced,
            round=self.round,
        )

    def _flags(self, now: datetime, ordered: Sequence[datetime]) -> frozenset[str]:
        found = {name for name, at in self.course.since.items() if at <= now} | self.words
        for key, at in self.done.items():
            if any(at < order <= now for order in ordered):
                found.add(f"ordered_since:{key}")
        return self.course.flags | found

    def begin_anew(self, number: int) -> None:
        """The next round of a journey that comes back every year."""
        self.round = number
        self.done, self.passed, self.words = {}, set(), set()


class _Walk:
    """One person's courses, walked from moment to moment."""

    def __init__(self, person: Person, until: datetime) -> None:
        self.person, self.until = person, until
        self.told: list[Told] = []
        self.ended: list[Ended] = []
        self.marketing: list[Told] = []
        self.queue: list[tuple[datetime, int, _Run]] = []
        self._number = count()
        self._entered: dict[str, datetime] = {}

    def go(self) -> Imagined:
        """Look at each course whenever something happened to it or one of its steps fell due."""
        courses = sorted(self.person.courses, key=lambda one: (one.begins, one.definition.position))
        entered = [course for course in courses if self._enters(course)]
        for course in entered:
            self._begin(course, _replaced(course, entered))
        while self.queue:
            at, _, run = heapq.heappop(self.queue)
            if at > self.until:
                break
            if not run.over:
                self._look(run, at)
        return Imagined(self.told, self.ended)

    def _enters(self, course: Course) -> bool:
        """Whether a course is entered; if not, it is told why."""
        definition, reason = course.definition, course.refused
        last = self._entered.get(definition.key)
        if reason is None and definition.at_most and last is not None:
            open_again = rules.shifted(last, parse_offset(definition.at_most), course.zone)
            reason = "too_soon" if course.begins < open_again else None
        if reason is not None:
            self.ended.append(Ended(replace(course, refused=reason), course.begins, reason))
            return False
        self._entered[definition.key] = course.begins
        return True

    def _begin(self, course: Course, replaced: frozenset[str]) -> None:
        run = _Run(course, replaced)
        for at in {course.begins, *course.news()}:
            self._push(at, run)

    def _push(self, at: datetime, run: _Run) -> None:
        if at in run.looks:
            return
        run.looks.add(at)
        heapq.heappush(self.queue, (at, next(self._number), run))

    def _look(self, run: _Run, now: datetime) -> None:
        """Take the steps that are due and say when to look again."""
        self._withdraw(run, now)
        while not run.over:
            facts = run.facts(now, self.person.ordered)
            decision = rules.next_step(run.course.definition, facts, run.done, now)
            if isinstance(decision, rules.End):
                self._end(run, now, decision.reason)
            elif isinstance(decision, rules.Again):
                run.begin_anew(decision.round)
            elif isinstance(decision, rules.Due) and decision.at <= now:
                self._take(run, decision, facts, now)
            else:
                later = decision.at if isinstance(decision, rules.Due) else decision.until
                if later is not None:
                    self._push(later, run)
                return

    def _end(self, run: _Run, now: datetime, reason: str) -> None:
        run.over = True
        self.ended.append(Ended(run.course, now, reason))
        if reason != "completed":
            for told in run.waiting:
                _call_off(told, now, reason)

    def _withdraw(self, run: _Run, now: datetime) -> None:
        """Call off what waits for its hour and has lost its point meanwhile."""
        run.waiting = [told for told in run.waiting if told.at and told.at > now]
        if not any(told.step.when for told in run.waiting):
            return
        flags = run.facts(now, self.person.ordered).flags
        for told in run.waiting:
            failing = rules.failing(told.step.when, flags)
            if failing:
                _call_off(told, now, POINTLESS.get(failing[0], "run_ended"))

    def _take(self, run: _Run, due: rules.Due, facts: rules.Facts, now: datetime) -> None:
        step = run.course.definition.step(due.step)
        told = Told(run.course, step, due.at, now, PASSED)
        told.expected = step.anchor in run.course.hoped
        self.told.append(told)
        run.done[step.key] = due.at
        if step.key in facts.replaced:
            told.reason = "replaced"
        elif word := rules.verdict(step, facts, run.done):
            told.reason = word
            run.passed.add(step.key)
        else:
            self._act(run, told, now)

    def _act(self, run: _Run, told: Told, now: datetime) -> None:
        """Do what a step does: send, ask a person, split, or end."""
        step = told.step
        if step.message:
            self._send(run, told, now)
        elif step.task is not None:
            told.state, told.at = TASK, told.wanted
        elif step.split is not None:
            journey = run.course.definition.key
            arm = rules.arm_of(step.split, journey, step.key, self.person.name)
            told.reason = f"split:{step.key}:{arm}"
            run.words.add(told.reason)
        else:
            self._end(run, now, step.end)

    def _send(self, run: _Run, told: Told, now: datetime) -> None:
        told.kind = kind = self.person.kinds[told.step.message]
        late = arbiter.is_late(told.wanted, now, kind.max_lateness)
        reason = self.person.refusal(kind) or ("too_late" if late else "")
        told.channel = told.step.channel or self.person.channel(kind)
        plan = None if reason else self._place(run, told, kind, now)
        if plan is None or plan.at is None:
            told.state, told.reason = SKIPPED, reason or "no_place"
            run.refused = True
            return
        told.state, told.at, told.shifts = SENT, plan.at, list(plan.shifts)
        run.done[told.step.key] = plan.at
        run.asked = True
        run.words.add(f"sent:{told.step.key}")
        run.waiting.append(told)
        if kind.message_class == MARKETING:
            self.marketing.append(told)

    def _place(self, run: _Run, told: Told, kind: Kind, now: datetime) -> arbiter.Plan:
        """Ask the arbiter, and move what has to yield."""
        key = f"{run.course.definition.key}:{run.course.subject}:{told.step.key}"
        wish = _wish(told.wanted, kind, self.person.zone, key)
        booked = self._booked(now) if wish.capped else []
        plan = arbiter.arrange(wish, now, booked)
        for other, moved_to in plan.yielding:
            _yield_place(self.marketing[other.id], now, moved_to)
        return plan

    def _booked(self, now: datetime) -> list[arbiter.Booked]:
        """The marketing messages this person has had lately or will have."""
        return [
            arbiter.Booked(number, told.at, _wish_of(told, self.person.zone, now))
            for number, told in enumerate(self.marketing)
            if told.state == SENT and told.at is not None and told.at > now - arbiter.WEEK
        ]


def _replaced(course: Course, entered: Sequence[Course]) -> frozenset[str]:
    """The steps that other journeys of the same order do instead."""
    mine = f"{course.definition.key}."
    return frozenset(
        name.removeprefix(mine)
        for other in entered
        if other.order_id == course.order_id
        for name in other.definition.replaces
        if name.startswith(mine)
    )


def _wish_of(told: Told, zone: str, now: datetime) -> arbiter.Wish | None:
    """A message that has not left yet may move."""
    if told.kind is None or told.at is None or told.at <= now:
        return None
    course = told.course
    key = f"{course.definition.key}:{course.subject}:{told.step.key}"
    return _wish(told.at, told.kind, zone, key)


def _wish(wanted: datetime, kind: Kind, zone: str, key: str) -> arbiter.Wish:
    at_once = kind.message_class not in ("service", MARKETING)
    return arbiter.Wish(
        wanted=wanted,
        zone=zone,
        at_once=at_once,
        capped=kind.message_class == MARKETING,
        priority=kind.priority,
        slots=kind.slots,
        jitter=timedelta(0) if at_once else arbiter.jitter(key),
    )


def _yield_place(told: Told, now: datetime, moved_to: datetime | None) -> None:
    if moved_to is None:
        told.state, told.reason, told.at = SKIPPED, "no_place", None
    elif told.at is not None and told.at > now:
        told.shifts.append(arbiter.Shift(told.at, moved_to, "yielded"))
        told.at = moved_to


def _call_off(told: Told, now: datetime, reason: str) -> None:
    if told.state == SENT and told.at is not None and told.at > now:
        told.state, told.reason = CANCELLED, reason


def by_moment(told: Sequence[Told]) -> list[Told]:
    """What was decided in the order in which people would have noticed it."""
    return sorted(told, key=lambda one: one.at or one.wanted)
