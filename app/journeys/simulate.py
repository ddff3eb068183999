"""Journeys in imagination: what they would have given people, without sending anything.

Pure: one person's past goes in, every step with its moment and its reason comes out. The same
`rules.next_step` decides as for real runs and the same arbiter places the messages, in the order in
which things happened; nobody is assumed to click, to answer or to come back because of a message.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import count

import msgspec

from app.journeys import rules
from app.journeys.definitions import parse_offset
from app.journeys.imagined import (
    CANCELLED,
    PASSED,
    SENT,
    SKIPPED,
    TASK,
    Course,
    Ended,
    Imagined,
    Person,
    Told,
    by_moment,
)
from app.journeys.imagined_run import NOTHING, Run
from app.journeys.placing import Placing, settle
from app.messages.kinds import MARKETING

__all__ = [
    "CANCELLED",
    "PASSED",
    "SENT",
    "SKIPPED",
    "TASK",
    "Course",
    "Ended",
    "Imagined",
    "Person",
    "Told",
    "by_moment",
    "imagine",
]

#: Why a message that waits for its hour loses its point when a condition of its step falls away.
POINTLESS = {
    "paid": "unpaid",
    "not shipped": "shipped_already",
    "not delivered": "shipped_already",
}


def imagine(person: Person, until: datetime) -> Imagined:
    """Walk a person's courses side by side up to `until`, as one arbiter sees them."""
    return _Walk(person, until).go()


class _Walk:
    """One person's courses, walked from moment to moment."""

    def __init__(self, person: Person, until: datetime) -> None:
        self.person, self.until = person, until
        self.told: list[Told] = []
        self.ended: list[Ended] = []
        self.placing = Placing(person)
        self.queue: list[tuple[datetime, int, Run | Told]] = []
        self._number = count()
        self._entered: dict[str, datetime] = {}

    def go(self) -> Imagined:
        """Look at each course whenever something happened to it or one of its steps fell due."""
        courses = sorted(self.person.courses, key=lambda one: (one.begins, one.definition.position))
        entered = [course for course in courses if self._enters(course)]
        instead = _instead(entered)
        for number, course in enumerate(entered):
            self._begin(Run(course, instead.get(_key(course), NOTHING), number))
        self._number = count(len(entered))
        while self.queue and self.queue[0][0] <= self.until:
            at, _, run = heapq.heappop(self.queue)
            if isinstance(run, Told):
                self._leave(run, at)
            elif not run.over:
                self._look(run, at)
        for told in self.told:
            settle(told, self.until)
        return Imagined(self.told, self.ended, entered, self._ahead())

    def _ahead(self) -> list[Course]:
        """The courses of which nothing has left by the end, and something is still to come."""
        sent = [told for told in self.told if told.state == SENT and told.at is not None]
        left = {told.course for told in sent if told.at and told.at <= self.until}
        going = [run.course for _, _, run in self.queue if isinstance(run, Run) and not run.over]
        coming = dict.fromkeys([*going, *(told.course for told in sent)])
        return [course for course in coming if course not in left]

    def _enters(self, course: Course) -> bool:
        """Whether a course is entered; if not, it is told why."""
        definition, reason = course.definition, course.refused
        last = self._entered.get(definition.key)
        if reason is None and definition.at_most and last is not None:
            open_again = rules.shifted(last, parse_offset(definition.at_most), course.zone)
            reason = "too_soon" if course.begins < open_again else None
        if reason is not None:
            if not course.refused:
                course = msgspec.structs.replace(course, refused=reason)
            self.ended.append(Ended(course, course.begins, reason))
            return False
        self._entered[definition.key] = course.begins
        return True

    def _begin(self, run: Run) -> None:
        """A run that has nothing to do yet is looked at first when it has."""
        begins = run.course.begins
        decision = self._next(run, run.facts(begins, self.person.ordered), begins)
        if isinstance(decision, rules.Due):
            self._push(max(decision.at, begins), run)
        elif not isinstance(decision, rules.Wait):
            self._push(begins, run)
        elif decision.until is not None:
            self._push(decision.until, run)
        for at in run.news():
            self._push(at, run)

    def _push(self, at: datetime, run: Run) -> None:
        if at in run.looks:
            return
        run.looks.add(at)
        # What falls due at once is done in the order of entering, as the queue does it.
        heapq.heappush(self.queue, (at, run.number, run))

    def _look(self, run: Run, now: datetime) -> None:
        """Take the steps that are due and say when to look again."""
        if run.waiting:
            self._withdraw(run, now)
        while not run.over:
            facts = run.facts(now, self.person.ordered)
            decision = self._next(run, facts, now)
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

    def _next(self, run: Run, facts: rules.Facts, now: datetime) -> rules.Decision:
        """What a run does next: what it was going to do, unless something has happened since."""
        if run.coming is not None and not facts.exit:
            return run.coming
        decision = rules.next_step(run.course.definition, facts, run.done, now)
        if isinstance(decision, rules.Due) and not run.course.restless:
            run.coming = decision
        return decision

    def _end(self, run: Run, now: datetime, reason: str, *, own: bool = False) -> None:
        run.over = True
        self.ended.append(Ended(run.course, now, reason))
        if reason not in ("completed", "unanswered") and not own:
            for told in run.waiting:
                _call_off(told, now, reason)

    def _withdraw(self, run: Run, now: datetime) -> None:
        """Call off what waits for its hour and has lost its point meanwhile."""
        run.waiting = [told for told in run.waiting if told.at and told.at > now]
        if not any(told.step.when for told in run.waiting):
            return
        flags = run.flags(now, self.person.ordered)
        for told in run.waiting:
            failing = rules.failing(told.step.when, flags)
            if failing:
                _call_off(told, now, POINTLESS.get(failing[0], "run_ended"))

    def _take(self, run: Run, due: rules.Due, facts: rules.Facts, now: datetime) -> None:
        step = run.course.definition.step(due.step)
        told = Told(run.course, step, due.at, now, PASSED)
        told.expected = step.anchor in run.course.hoped
        self.told.append(told)
        run.take(step.key, due.at)
        if len(step.settled_early) < len(step.when):
            flags = run.flags(now, self.person.ordered)
            facts = msgspec.structs.replace(facts, flags=flags)
        if word := rules.verdict(step, facts, run.done):
            told.reason = word
            run.passed |= {step.key}
        elif left_out := rules.left_out(step, facts):
            told.state, told.reason = SKIPPED if step.message else PASSED, left_out
            run.refused = run.refused or bool(step.message)
        else:
            self._act(run, told, now)

    def _act(self, run: Run, told: Told, now: datetime) -> None:
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
            run.say(told.reason)
        else:
            self._end(run, now, step.end, own=True)

    def _send(self, run: Run, told: Told, now: datetime) -> None:
        if not self.placing.place(told, self.person.kinds[told.step.message], now):
            run.refused = True
            return
        run.take(told.step.key, told.at or told.wanted)
        run.asked = True
        run.sent.append(told)
        run.waiting.append(told)
        if told.kind is not None and told.kind.message_class == MARKETING and told.at is not None:
            heapq.heappush(self.queue, (told.at, next(self._number), told))

    def _leave(self, told: Told, now: datetime) -> None:
        """What sells is looked at once more when it is to leave, as often as it moves."""
        if self.placing.leave(told, now) and told.at is not None:
            heapq.heappush(self.queue, (told.at, next(self._number), told))


def _instead(entered: Sequence[Course]) -> dict[tuple[int, str], frozenset[str]]:
    """By order and journey, the steps that another journey of that order does instead."""
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for course in entered:
        for name in course.definition.replaces:
            journey, _dot, step = name.partition(".")
            found[course.order_id, journey].add(step)
    return {key: frozenset(steps) for key, steps in found.items()}


def _key(course: Course) -> tuple[int, str]:
    return course.order_id, course.definition.key


def _call_off(told: Told, now: datetime, reason: str) -> None:
    if told.state == SENT and told.at is not None and told.at > now:
        told.state, told.reason = CANCELLED, reason
