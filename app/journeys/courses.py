"""Which courses an order's past would have opened, and what was known on them. Pure: histories in,
courses out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.journeys import hindsight, rules, times
from app.journeys.definitions import AT_THE_MOMENT, Definition, condition, parse_floor
from app.journeys.history import COMING, History, best_of, run_out
from app.journeys.imagined import Course
from app.journeys.once import once
from app.journeys.past import Past, kind_of
from app.mirror.model import OrderLine
from app.mirror.subscriptions import subscribed
from app.parcels.model import Parcel

#: The anchors whose date may be known before they come.
FORESEEN = frozenset(
    {
        "expected_delivery",
        "predicted_run_out",
        "subscribed",
        "season",
        "birthday",
        "first_order",
        "last_order",
    }
)


@dataclass(frozen=True)
class Prepared:
    """A definition, and what it asks for, worked out once for everybody."""

    definition: Definition
    anchors: frozenset[str]
    #: The anchors that have a date before they come, and the conditions that come true on the way.
    foreseen: frozenset[str]
    coming: frozenset[str]
    #: The conditions that are settled by the order, and those that change with time.
    settled: frozenset[str]
    moving: frozenset[str]
    #: Whether any of these is looked at before a step's own moment.
    restless: bool
    #: What must hold for it to be entered: without its "not", whether it has one, whether it
    #: changes with time, and the reason to give when it does not hold.
    entry: tuple[tuple[str, bool, bool, str], ...]
    #: What decides which subjects of an order it is about: the same ones for journeys alike.
    shape: tuple[str, str, str, bool]
    #: Whether another order of its buyer's ends it, and whether one of the same product does.
    ends_on_order: bool
    ends_on_same: bool


def prepare(definition: Definition) -> Prepared:
    """What a definition asks for."""
    floors = {parse_floor(one.not_before).anchor for one in definition.steps if one.not_before}
    anchors = frozenset(floors | {step.anchor for step in definition.steps})
    words = definition.words
    moving = frozenset(word for word in words if condition(word).name in hindsight.MOVING)
    return Prepared(
        definition,
        anchors,
        anchors & FORESEEN,
        words & COMING,
        words - moving,
        moving,
        restless=any(condition(word).name not in AT_THE_MOMENT for word in moving),
        entry=tuple(_entry(word, moving) for word in definition.when),
        shape=(definition.per, definition.about, definition.starts, _used_up(definition)),
        ends_on_order="ordered_again" in definition.ends_on,
        ends_on_same=_used_up(definition),
    )


def _entry(word: str, moving: frozenset[str]) -> tuple[str, bool, bool, str]:
    asked = condition(word)
    reason = "gift" if word == "not gift" else f"only:{word}"[:64]
    return asked.word, asked.negated, asked.word in moving, reason


def _used_up(definition: Definition) -> bool:
    """Whether it is only about what is used up."""
    return "consumable" in definition.when


class Subject:
    """What a course may be about, and what the past says of it, whichever journey asks."""

    def __init__(self, name: str, begins: datetime, past: Past, parcel: Parcel | None) -> None:
        self.name, self.begins, self.past, self.parcel = name, begins, past, parcel
        self._moments: dict[frozenset[str], dict[str, datetime]] = {}

    @property
    def ids(self) -> dict[str, int]:
        """The rows its messages are about."""
        return self.past.ids if self.parcel is None else {"parcel_id": self.parcel.id}

    def moments(self, wanted: frozenset[str]) -> dict[str, datetime]:
        """Those of some anchors that came about, and when: the parcel's own where it is about
        one, or about a line that one brought."""
        found = self._moments.get(wanted)
        if found is None:
            history, line = self.past.history, self.past.line
            own = self.parcel or (history.brought_by(line) if line is not None else None)
            came = _moments(history, own)
            found = self._moments[wanted] = {n: at for n, at in came.items() if n in wanted}
        return found

    @once
    def run_out(self) -> datetime | None:
        """When its line is used up."""
        line = self.past.line
        return run_out(self.past.history, line, self.begins) if line is not None else None


def courses_of(
    histories: Sequence[History], prepared: Iterable[Prepared], delivery_days: int
) -> list[Course]:
    """All courses of one person's orders, whether they would have been entered or not."""
    asked = list(prepared)
    return [
        course
        for history in histories
        for course in _of_order(_Asking(history), asked, delivery_days)
    ]


def _of_order(
    asking: _Asking, prepared: Sequence[Prepared], delivery_days: int
) -> Iterator[Course]:
    history = asking.history
    for asked in prepared:
        for subject in asking.subjects(asked):
            refused = history.refused or _refusal(asked, subject)
            if refused:
                # Many are refused, and nobody asks what would have become of those.
                yield Course(
                    asked.definition, history.id, subject.name, subject.begins, history.zone,
                    refused=refused, product=subject.past.title,
                )  # fmt: skip
            else:
                yield _course(history, asked, subject, delivery_days)


def _course(history: History, asked: Prepared, subject: Subject, delivery_days: int) -> Course:
    past = subject.past
    return Course(
        definition=asked.definition,
        order_id=history.id,
        subject=subject.name,
        begins=subject.begins,
        zone=history.zone,
        moments=subject.moments(asked.anchors),
        known=_known(history, asked, subject) if asked.foreseen else {},
        flags=hindsight.holding(past, asked.settled),
        since=_since(history, asked.coming) if asked.coming else {},
        ends=_all_ends(history, asked, past),
        hoped=history.hoped,
        product=past.title,
        product_kind=past.kind,
        delivery_days=delivery_days,
        own_interval_days=history.interval_days,
        lacks=past.lacks,
        then=hindsight.then(past, asked.moving) if asked.moving else None,
        restless=asked.restless,
        ids=subject.ids,
        missing=missing(history),
    )


def missing(history: History) -> tuple[datetime, datetime] | None:
    """From when until when an order's buyer missed a parcel that counts as delivered."""
    missed, found = history.news.get("missed"), history.news.get("found")
    return (missed, found or history.shelf.now) if missed else None


def _since(history: History, words: frozenset[str]) -> dict[str, datetime]:
    """Those of some conditions that came true on the way, and when."""
    return {word: at for word, at in history.since.items() if word in words}


class _Asking:
    """One order, asked by many journeys: what one of them found is there for the next."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._pasts: dict[int, Past] = {}
        self._subjects: dict[object, list[Subject]] = {}

    def subjects(self, asked: Prepared) -> list[Subject]:
        """As `subjects.subjects_of` finds them one by one when something happens."""
        # After something went back, which line speaks depends on a journey's own steps.
        gone = self.history.gone_at is not None
        key = asked.definition.key if gone else asked.shape
        if key not in self._subjects:
            self._subjects[key] = [
                Subject(name, begins, self._past(line), parcel)
                for name, begins, line, parcel in _subjects(self.history, asked.definition)
            ]
        return self._subjects[key]

    def _past(self, line: OrderLine | None) -> Past:
        number = line.id if line is not None else 0
        if number not in self._pasts:
            self._pasts[number] = Past(self.history, line)
        return self._pasts[number]


Found = tuple[str, datetime, OrderLine | None, Parcel | None]


def _subjects(history: History, definition: Definition) -> Iterator[Found]:
    order = history.order
    if definition.per == "parcel":
        if not history.digital:
            yield from _parcels(history)
        return
    begins = history.starts.get(definition.starts)
    if begins is None and definition.starts in history.starts:
        return
    whole = f"{definition.per}:{order.id}"
    if definition.per == "line":
        yield from _lines(history, definition, begins)
    elif definition.per == "customer" and order.customer_id is None:
        return
    elif definition.about == "order":
        yield whole, begins or history.received_at, None, None
    else:
        arrived, lines = history.arrivals[0]
        for line in _speaking(history, definition, begins or arrived, lines):
            yield whole, begins or arrived, line, None


def _speaking(
    history: History, definition: Definition, begins: datetime, lines: list[OrderLine]
) -> list[OrderLine]:
    """The line that speaks for an order. One that went back before the first word gave its place
    to the best of what stayed (`service.handing_on`)."""
    if definition.starts == "subscribed":
        return best_of([line for line in history.lines if subscribed(line)])
    chosen, gone_at = history.spokesman, history.gone_at
    if gone_at is None or not chosen or chosen[0].current_quantity > 0:
        return chosen
    kind = kind_of(history, chosen[0])
    words = [step for step in definition.steps if not step.anchor.startswith("step:")]
    first = min(rules.shifted(begins, step.offset_for(kind), history.zone) for step in words)
    kept = best_of([line for line in lines if line.current_quantity > 0])
    return kept if kept and gone_at < first else chosen


def _parcels(history: History) -> Iterator[Found]:
    for parcel in history.parcels:
        yield f"parcel:{parcel.id}", parcel.shipped_at, None, parcel
    if not history.parcels:
        yield "parcel:", history.shipped_at, None, None


def _lines(history: History, definition: Definition, begins: datetime | None) -> Iterator[Found]:
    seen: set[int] = set()
    consumables = _used_up(definition)
    for arrived, lines in history.arrivals:
        for line in lines:
            used_up = not consumables or history.shelf.lasts(line) is not None
            if line.id not in seen and used_up:
                seen.add(line.id)
                yield f"line:{line.id}", begins or arrived, line, None


def _moments(history: History, parcel: Parcel | None) -> Mapping[str, datetime]:
    if parcel is None or history.digital:
        return history.moments
    delivered = parcel.delivered_at or max(history.delivered_at, parcel.shipped_at)
    own = {
        "shipped": parcel.shipped_at,
        "out_for_delivery": parcel.out_for_delivery_at,
        "delivered": delivered,
        "received": delivered,
    }
    kept = {name: at for name, at in history.moments.items() if name not in own}
    return kept | {name: at for name, at in own.items() if at is not None}


def _known(history: History, asked: Prepared, subject: Subject) -> dict[str, datetime | None]:
    """Dates that stand before they come."""
    wanted, begins = asked.foreseen, subject.begins
    found: dict[str, datetime | None] = {}
    if "expected_delivery" in wanted and not history.digital:
        found["expected_delivery"] = history.expected[1]
    if "predicted_run_out" in wanted and subject.past.line is not None:
        found["predicted_run_out"] = subject.run_out
    if "subscribed" in wanted:
        running = history.subscription(subject.past.lines, history.shelf.now)
        found["subscribed"] = running.since if running else None
    if "season" in wanted:
        found["season"] = times.next_season(begins, history.zone)
    if "birthday" in wanted and history.birthday:
        found["birthday"] = times.next_birthday(begins, history.zone, history.birthday)
    if "first_order" in wanted or "last_order" in wanted:
        found["first_order"] = min(history.ordered, default=history.order.placed_at)
        found["last_order"] = history.order.placed_at
    return found


def _all_ends(history: History, asked: Prepared, past: Past) -> tuple[tuple[datetime, str], ...]:
    """What breaks a run off, and when, the first first."""
    if not asked.ends_on_same and not asked.ends_on_order:
        return past.ends
    placed_at, more = history.order.placed_at, list[tuple[datetime, str]]()
    if asked.ends_on_same and past.line is not None:
        bought = history.purchases.get(past.line.product_shopify_id or 0, [])
        more += [(at, "bought_again") for at, _ in bought if at > placed_at]
    if asked.ends_on_order:
        more += [(at, "ordered_again") for at in history.ordered if at > placed_at]
    return tuple(sorted([*past.ends, *more])) if more else past.ends


def _refusal(asked: Prepared, subject: Subject) -> str | None:
    """Why it would have ended at once: the first condition that fails."""
    for word, negated, moves, reason in asked.entry:
        if moves:
            held = hindsight.holds_at(subject.past, word, subject.begins)
        else:
            held = hindsight.holds(subject.past, word)
        if held == negated:
            return reason
    return None
