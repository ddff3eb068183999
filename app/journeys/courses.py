"""Which courses an order's past would have opened, and what was known on them. Pure: histories in,
courses out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.journeys import hindsight, rules, times
from app.journeys.definitions import AT_THE_MOMENT, Definition, condition, parse_floor
from app.journeys.history import History, best_of, lacking, refunded_at, run_out
from app.journeys.imagined import Course
from app.mirror.model import OrderLine
from app.parcels.model import Parcel

#: What is used up is known after a few days, as what must be eaten soon is (product.md).
USED_LIKE = {"consumable": "fast"}


@dataclass(frozen=True)
class Prepared:
    """A definition, and what it asks for, worked out once for everybody."""

    definition: Definition
    anchors: frozenset[str]
    words: frozenset[str]
    #: The conditions that are settled by the order, and those that change with time.
    settled: frozenset[str]
    moving: frozenset[str]
    #: Whether any of these is looked at before a step's own moment.
    restless: bool
    #: What must hold for it to be entered: as it is written, without its "not", and whether it has
    #: one.
    entry: tuple[tuple[str, str, bool], ...]


def prepare(definition: Definition) -> Prepared:
    """What a definition asks for."""
    floors = {parse_floor(one.not_before).anchor for one in definition.steps if one.not_before}
    anchors = frozenset(floors | {step.anchor for step in definition.steps})
    words = definition.words
    moving = frozenset(word for word in words if condition(word).name in hindsight.MOVING)
    restless = any(condition(word).name not in AT_THE_MOMENT for word in moving)
    entry = tuple((word, condition(word).word, condition(word).negated) for word in definition.when)
    return Prepared(definition, anchors, words, words - moving, moving, restless, entry)


def courses_of(
    histories: Sequence[History], prepared: Iterable[Prepared], delivery_days: int
) -> list[Course]:
    """All courses of one person's orders, whether they would have been entered or not."""
    asked = list(prepared)
    return [
        course
        for history in histories
        for one in asked
        for course in _of_order(history, one, delivery_days)
    ]


def _of_order(history: History, asked: Prepared, delivery_days: int) -> Iterator[Course]:
    definition = asked.definition
    for name, begins, line, parcel in _subjects(history, definition):
        refused = history.refused or _refusal(history, asked, line, begins)
        title = line.title if line is not None else ""
        if refused:
            # Most are refused, and nobody asks what would have become of those.
            yield Course(
                definition, history.id, name, begins, history.zone, refused=refused, product=title
            )
            continue
        yield Course(
            definition=definition,
            order_id=history.id,
            subject=name,
            begins=begins,
            zone=history.zone,
            moments=_of(asked.anchors, _moments(history, parcel)),
            known=_known(history, asked, line, begins),
            flags=hindsight.holding(history, asked.settled, line),
            since=_of(asked.words, history.since),
            ends=tuple(sorted(_ends(history, definition, line))),
            hoped=history.hoped,
            product=title,
            product_kind=_kind(history, line),
            delivery_days=delivery_days,
            own_interval_days=history.interval_days,
            lacks=partial(lacking, history, line),
            then=hindsight.then(history, asked.moving) if asked.moving else None,
            restless=asked.restless,
            ids=_ids(line, parcel),
        )


def _ids(line: OrderLine | None, parcel: Parcel | None) -> dict[str, int]:
    about = {"line_id": line, "parcel_id": parcel}
    return {name: row.id for name, row in about.items() if row is not None}


def _of(wanted: frozenset[str], found: Mapping[str, datetime]) -> dict[str, datetime]:
    return {name: at for name, at in found.items() if name in wanted}


Subject = tuple[str, datetime, OrderLine | None, Parcel | None]


def _subjects(history: History, definition: Definition) -> Iterator[Subject]:
    """As `subjects.subjects_of` finds them one by one when something happens."""
    order = history.order
    if definition.per == "parcel":
        if not history.digital:
            yield from _parcels(history)
        return
    begins = {
        "ordered": order.placed_at,
        "paid": history.paid_at,
        "shipped": history.shipped_at,
    }.get(definition.starts)
    if begins is None and definition.starts == "paid":
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
    to the best of what stayed (`service.ending.hand_on`)."""
    chosen, gone_at = history.spokesman, history.gone_at
    if gone_at is None or not chosen or chosen[0].current_quantity > 0:
        return chosen
    kind = _kind(history, chosen[0])
    words = [step for step in definition.steps if not step.anchor.startswith("step:")]
    first = min(rules.shifted(begins, step.offset_for(kind), history.zone) for step in words)
    kept = best_of([line for line in lines if line.current_quantity > 0])
    return kept if kept and gone_at < first else chosen


def _kind(history: History, line: OrderLine | None) -> str:
    """How fast the product is used up, as offsets ask for it."""
    product = history.shelf.product(line)
    kind = product.kind if product else "standard"
    return USED_LIKE.get(kind, kind)


def _parcels(history: History) -> Iterator[Subject]:
    for parcel in history.parcels:
        yield f"parcel:{parcel.id}", parcel.shipped_at, None, parcel
    if not history.parcels:
        yield "parcel:", history.shipped_at, None, None


def _lines(history: History, definition: Definition, begins: datetime | None) -> Iterator[Subject]:
    seen: set[int] = set()
    consumables = "consumable" in definition.when
    for arrived, lines in history.arrivals:
        for line in lines:
            used_up = not consumables or history.shelf.lasts(line) is not None
            if line.id not in seen and used_up:
                seen.add(line.id)
                yield f"line:{line.id}", begins or arrived, line, None


def _moments(history: History, parcel: Parcel | None) -> Mapping[str, datetime]:
    """The anchors, and when each came about: the parcel's own where it is about one."""
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


def _known(
    history: History, asked: Prepared, line: OrderLine | None, begins: datetime
) -> dict[str, datetime | None]:
    """Dates that stand before they come."""
    wanted = asked.anchors
    found: dict[str, datetime | None] = {}
    if "expected_delivery" in wanted and not history.digital:
        found["expected_delivery"] = history.expected[1]
    if "predicted_run_out" in wanted and line is not None:
        found["predicted_run_out"] = run_out(history, line, begins)
    if "season" in wanted:
        found["season"] = times.next_season(begins, history.zone)
    if "birthday" in wanted and history.birthday:
        found["birthday"] = times.next_birthday(begins, history.zone, history.birthday)
    if wanted & {"first_order", "last_order"}:
        found["first_order"] = min(history.ordered, default=history.order.placed_at)
        found["last_order"] = history.order.placed_at
    return found


def _ends(
    history: History, definition: Definition, line: OrderLine | None
) -> Iterator[tuple[datetime, str]]:
    """What breaks the run off, and when."""
    order = history.order
    if order.cancelled_at is not None:
        yield order.cancelled_at, "cancelled"
    refunded = refunded_at(history)
    if refunded is not None:
        yield refunded, "refunded"
    if line is not None and line.current_quantity <= 0:
        yield history.gone_at or order.placed_at, "line_refunded"
    if line is not None and "consumable" in definition.when:
        bought = history.purchases.get(line.product_shopify_id or 0, [])
        yield from ((at, "bought_again") for at, _ in bought if at > order.placed_at)
    if "ordered_again" in definition.ends_on:
        yield from ((at, "ordered_again") for at in history.ordered if at > order.placed_at)


def _refusal(
    history: History, asked: Prepared, line: OrderLine | None, begins: datetime
) -> str | None:
    """Why it would have ended at once: the first condition that fails."""
    for word, plain, negated in asked.entry:
        if plain in asked.moving:
            held = hindsight.holds_at(history, plain, begins)
        else:
            held = hindsight.holds(history, plain, line)
        if held == negated:
            return "gift" if word == "not gift" else f"only:{word}"[:64]
    return None
