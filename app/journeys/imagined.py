"""What imagination walks through and what it finds: courses and people going in, steps and ends
coming out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from app.journeys.definitions import Definition, Step
from app.messages import rules as arbiter
from app.messages.kinds import Kind

#: What becomes of a step in imagination.
SENT, SKIPPED, CANCELLED, TASK, PASSED = "sent", "skipped", "cancelled", "task", "passed"


class Course(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One subject's way through one journey, as its past was. `moments` are anchors and when each
    came about; `known` are dates that stand before they come (the expected delivery, the day it
    runs out). Both leave out what the definition does not ask for. `since` says from when on a flag
    holds, `ends` what breaks the run off, and when, the first first. `hoped` names the anchors that
    are expectations. `refused` ends it at once."""

    definition: Definition
    order_id: int
    subject: str
    begins: datetime
    zone: str
    moments: Mapping[str, datetime] = {}
    known: Mapping[str, datetime | None] = {}
    flags: frozenset[str] = frozenset()
    since: Mapping[str, datetime] = {}
    ends: tuple[tuple[datetime, str], ...] = ()
    hoped: frozenset[str] = frozenset()
    refused: str | None = None
    product: str = ""
    product_kind: str = "standard"
    delivery_days: int = 0
    own_interval_days: float | None = None
    #: What a message of a kind about it would lack when it leaves; None when nothing.
    lacks: Callable[[Kind], str | None] = lambda _kind: None
    #: Which of the conditions that change with time held at a moment, and whether any of them is
    #: looked at before a step's own moment.
    then: Callable[[datetime], frozenset[str]] | None = None
    restless: bool = False
    #: What its messages are about besides the order: a line, a parcel.
    ids: Mapping[str, int] = {}
    #: From when until when its goods were missing: what speaks of them as being there waits.
    missing: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Person:
    """Whose courses they are. `refusal` is asked with a kind and says why a message of it may not
    reach them by e-mail; None when it may. `ways` names the channels open to a kind, the best
    first, when a step wishes for one. Nothing that sells arrives during `holds`."""

    zone: str
    courses: tuple[Course, ...]
    kinds: Mapping[str, Kind]
    refusal: Callable[[Kind], str | None]
    ways: Callable[[Kind, str | None], tuple[str, ...]] = lambda _kind, _wish: ("email",)
    caps: arbiter.Caps = field(default_factory=arbiter.Caps)
    holds: tuple[tuple[datetime, datetime], ...] = ()
    #: Whether their answers are counted at all.
    measured: bool = True
    #: Whether promotional mail to them keeps to the evenings of the weekend.
    weekends: bool = False
    #: When they ordered, and who they are to a split.
    ordered: tuple[datetime, ...] = ()
    name: str = ""
    #: When they ordered themselves, and no subscription did.
    by_hand: tuple[datetime, ...] = ()


class Told(msgspec.Struct, eq=False, gc=False):
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
    shifts: list[arbiter.Shift] = []
    #: What its message will be found to lack when it leaves.
    lacks: str | None = None
    expected: bool = False
    #: What it wished of the arbiter.
    wish: arbiter.Wish | None = None

    @property
    def outcome(self) -> tuple[str, str]:
        """State and reason as a merchant is told them: what has nothing to say would not have been
        sent, whether or not something else called it off while it waited for its hour."""
        if self.state == CANCELLED and self.lacks:
            return SKIPPED, self.lacks
        return self.state, self.reason


class Ended(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Why a course was not entered, or what ended it."""

    course: Course
    at: datetime
    reason: str


@dataclass(frozen=True)
class Imagined:
    """Everything journeys would have done for one person, in the order it was decided, the courses
    they would have entered, and those of which the first message was still to come at the end."""

    told: list[Told]
    ended: list[Ended]
    entered: Sequence[Course] = ()
    ahead: Sequence[Course] = ()


def by_moment(told: Sequence[Told]) -> list[Told]:
    """What was decided in the order in which people would have noticed it."""
    return sorted(told, key=lambda one: one.at or one.wanted)
