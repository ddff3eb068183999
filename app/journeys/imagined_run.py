"""A course on its way: what is known of it, which only grows, and what it did itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.journeys import rules
from app.journeys.imagined import SENT, Course, Told
from app.journeys.placing import settle

NOTHING: frozenset[str] = frozenset()


class Run:
    """A course on its way. It is looked at in the order of time, so that what has come about is
    added to what is known and never taken back."""

    def __init__(self, course: Course, replaced: frozenset[str], number: int) -> None:
        self.course, self.replaced, self.number = course, replaced, number
        self.done: dict[str, datetime] = {}
        self.passed = NOTHING
        self.sent: list[Told] = []
        self.waiting: list[Told] = []
        self.asked = self.refused = self.over = False
        self.round = 0
        self.looks: set[datetime] = set()
        #: The step that comes next, as long as nothing new is known.
        self.coming: rules.Due | None = None
        self.anchors = dict(course.known)
        self._held, self._words = course.flags, NOTHING
        self._later: list[tuple[datetime, str, bool]] = []
        self._facts: rules.Facts | None = None
        for name, at in course.moments.items():
            self._hear(name, at, is_anchor=True)
        for name, at in course.since.items():
            self._hear(name, at, is_anchor=False)
        if len(self._later) > 1:
            self._later.sort(reverse=True)

    def news(self) -> list[datetime]:
        """The moments at which something new will be found."""
        ends = [at for at, _reason in self.course.ends if at > self.course.begins]
        return [at for at, _name, _is_anchor in self._later] + ends

    def facts(self, now: datetime, ordered: Sequence[datetime]) -> rules.Facts:
        """What was known at a moment, with what the run itself did. The flags are those that are
        looked at before a step's own moment; `flags` has them all."""
        course = self.course
        if self._later and self._later[-1][0] <= now:
            self._learn(now)
        gone = course.ends[0][1] if course.ends and course.ends[0][0] <= now else None
        if self._facts is None or gone or course.restless:
            self._facts = rules.Facts(
                anchors=self.anchors,
                flags=self.flags(now, ordered) if course.restless else self._standing(),
                zone=course.zone,
                product_kind=course.product_kind,
                delivery_days=course.delivery_days,
                own_interval_days=course.own_interval_days,
                exit=gone,
                asked=self.asked,
                refused=self.refused,
                passed=self.passed,
                replaced=self.replaced,
                round=self.round,
            )
        return self._facts

    def flags(self, now: datetime, ordered: Sequence[datetime]) -> frozenset[str]:
        """Every condition that held at a moment."""
        self._learn(now)
        found = self._said(now)
        if self.course.then is not None:
            found |= self.course.then(now)
        for word in self.course.definition.about_steps:
            about, key = word.split(":", 1)
            at = self.done.get(key)
            if about == "ordered_since" and at is not None:
                found |= {word} if any(at < order <= now for order in ordered) else set()
        return self._standing() | found

    def take(self, step: str, at: datetime) -> None:
        """A step is taken: what was known of the run is no longer all."""
        self.done[step] = at
        self.coming = self._facts = None

    def say(self, word: str) -> None:
        """A condition which the run brought about holds for the rest of its round."""
        self._words |= {word}

    def begin_anew(self, number: int) -> None:
        """The next round of a journey that comes back every year."""
        self.round = number
        self.done, self.passed, self._words, self.sent = {}, NOTHING, NOTHING, []
        self._facts = None

    def _hear(self, name: str, at: datetime, *, is_anchor: bool) -> None:
        if at > self.course.begins:
            self._later.append((at, name, is_anchor))
        elif is_anchor:
            self.anchors[name] = at
        else:
            self._held |= {name}

    def _learn(self, now: datetime) -> None:
        """Take in what has come about."""
        while self._later and self._later[-1][0] <= now:
            at, name, is_anchor = self._later.pop()
            self.coming = self._facts = None
            if is_anchor:
                self.anchors[name] = at
            else:
                self._held |= {name}

    def _standing(self) -> frozenset[str]:
        """The conditions that hold from now on."""
        return self._held | self._words if self._words else self._held

    def _said(self, now: datetime) -> set[str]:
        """The messages of its own that have left."""
        for told in self.sent:
            settle(told, now)
        return {
            f"sent:{told.step.key}"
            for told in self.sent
            if told.state == SENT and told.at is not None and told.at <= now
        }
