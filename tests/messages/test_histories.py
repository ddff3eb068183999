"""Thousands of people's histories through the arbiter's rules: no cap, window or wish is ever
broken, and everyone who may be asked for a review is asked in the end (rules.md RV-1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from app.messages import hours, rules
from app.messages.rules import Booked, Caps, Wish

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
SLOTS = (time(12, 10), time(20, 0))
#: The ladder of product.md: replenish, review, feedback, next purchase, cross-sell, win-back.
LADDER = {"replenish": 60, "review": 50, "feedback": 45, "next": 40, "cross": 35, "win-back": 10}
PROMOTIONAL = {"next", "win-back"}
START = datetime(2026, 12, 20, tzinfo=UTC)
HORIZON = timedelta(days=500)


@dataclass(frozen=True)
class Said:
    """One intent of a journey: what, and on which minute of the history."""

    minute: int
    kind: str


@dataclass
class Life:
    """One person under the arbiter: what waits, what was sent, what is kept back."""

    zone: str
    caps: Caps
    waiting: dict[int, Booked] = field(default_factory=dict)
    sent: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    parked: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    #: When they answered before; from four moments on they have an hour of their own.
    answers: tuple[datetime, ...] = ()
    held: bool = False
    agreed: bool = True

    def wish(self, number: int, wanted: datetime) -> Wish:
        kind = self.kinds[number]
        return Wish(
            wanted=wanted,
            zone=self.zone,
            capped=True,
            priority=LADDER[kind],
            slots=SLOTS if kind != "cross" else (),
            jitter=rules.jitter(str(number)),
            days_off=rules.TURN_OF_THE_YEAR if kind == "win-back" else rules.NEW_YEAR,
            patience=None if kind == "review" else rules.LONGEST_WAIT,
            weekend=timedelta(days=5) if kind in PROMOTIONAL else None,
        )

    def place(self, number: int, now: datetime) -> None:
        booked = [*self.waiting.values(), *(Booked(n, at) for n, (at, _k) in self.sent.items())]
        own = partial(hours.own, self.answers)
        plan = rules.arrange(self.wish(number, now), now, booked, self.caps, own)
        for other, moved in plan.yielding:
            del self.waiting[other.id]
            if moved:
                self.waiting[other.id] = Booked(other.id, moved, self.wish(other.id, moved))
        if plan.at is not None:
            self.waiting[number] = Booked(number, plan.at, self.wish(number, plan.at))

    def live_until(self, moment: datetime) -> None:
        """Send what falls due on the way, looking at each again as the outbox does."""
        while due := [one for one in self.waiting.values() if one.at <= moment]:
            first = min(due, key=lambda one: (one.at, one.id))
            del self.waiting[first.id]
            if not self.agreed:
                continue
            if self.held:
                self.parked[first.id] = self.kinds[first.id]
                continue
            self.sent[first.id] = (first.at, self.kinds[first.id])

    def say(self, now: datetime, number: int) -> None:
        if self.held:
            self.parked[number] = self.kinds[number]
        elif self.agreed:
            self.place(number, now)

    def hold(self, _now: datetime, _number: int) -> None:
        self.held = True

    def release(self, now: datetime, _number: int) -> None:
        self.held = False
        for number in sorted(self.parked, key=lambda n: -LADDER[self.parked[n]]):
            self.place(number, now)
        self.parked.clear()

    def leave(self, _now: datetime, _number: int) -> None:
        self.agreed = False


intents = st.lists(
    st.builds(Said, st.integers(0, 120 * 24 * 60), st.sampled_from(sorted(LADDER))), max_size=14
)
habits = st.one_of(
    st.just(()),
    st.integers(0, 23).map(lambda hour: (START + timedelta(hours=hour),) * hours.ENOUGH),
)
troubles = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 40)), max_size=2
)  # a hold's first day and its length


def live(
    zone: str,
    caps: Caps,
    wanted: list[Said],
    holds: list[tuple[int, int]],
    leaves: int | None = None,
    answers: tuple[datetime, ...] = (),
) -> Life:
    kinds = {number: said.kind for number, said in enumerate(wanted)}
    life = Life(zone, caps, kinds=kinds, answers=answers)
    moments: list[tuple[datetime, str, int]] = [
        (START + timedelta(minutes=said.minute), "say", number)
        for number, said in enumerate(wanted)
    ]
    for day, length in holds:
        moments.append((START + timedelta(days=day), "hold", 0))
        moments.append((START + timedelta(days=day + length), "release", 0))
    if leaves is not None:
        moments.append((START + timedelta(days=leaves), "leave", 0))
    for moment, what, number in sorted(moments):
        life.live_until(moment)
        getattr(life, what)(moment, number)
    life.live_until(START + HORIZON)
    return life


def is_kept(life: Life) -> bool:
    """Whether what was sent keeps the caps, the hours and the days off."""
    row = sorted(at for at, _kind in life.sent.values())
    weekly = zip(row, row[life.caps.per_week :], strict=False)
    return (
        all(later - sooner >= life.caps.apart for sooner, later in pairwise(row))
        and all(last - first >= rules.WEEK for first, last in weekly)
        and all(_is_welcome(at, kind, life.zone) for at, kind in life.sent.values())
    )


def _is_welcome(at: datetime, kind: str, zone: str) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    off = rules.TURN_OF_THE_YEAR if kind == "win-back" else rules.NEW_YEAR
    return time(8) <= local.time() < time(21) and (local.month, local.day) not in off


@settings(max_examples=1000)
@given(
    st.sampled_from(ZONES),
    st.builds(Caps, st.integers(1, 3), st.integers(24, 168).map(lambda h: timedelta(hours=h))),
    intents,
    troubles,
    st.one_of(st.none(), st.integers(0, 130)),
    habits,
)
def test_no_cap_no_window_and_no_withdrawal_is_ever_broken(
    zone: str,
    caps: Caps,
    wanted: list[Said],
    holds: list[tuple[int, int]],
    leaves: int | None,
    answers: tuple[datetime, ...],
) -> None:
    life = live(zone, caps, wanted, holds, leaves, answers)
    assert is_kept(life)
    if leaves is not None:
        left = START + timedelta(days=leaves)
        assert all(at <= left for at, _kind in life.sent.values())


@settings(max_examples=500)
@given(st.sampled_from(ZONES), intents, troubles, habits)
def test_everyone_who_may_be_asked_for_a_review_is_asked_in_the_end(
    zone: str, wanted: list[Said], holds: list[tuple[int, int]], answers: tuple[datetime, ...]
) -> None:
    """Whoever complained is asked later than whoever did not, and is asked all the same."""
    reviews = {number for number, said in enumerate(wanted) if said.kind == "review"}
    for troubled in ([], holds):
        life = live(zone, Caps(), wanted, troubled, answers=answers)
        assert reviews <= set(life.sent)
