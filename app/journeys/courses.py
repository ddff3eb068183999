"""Which courses an order's past would have opened, and what was known on them. Pure: histories in,
courses out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.journeys import hindsight, rules, times
from app.journeys.definitions import Definition, parse_floor
from app.journeys.histories import History, refunded_at, run_out
from app.journeys.simulate import Course
from app.mirror.model import OrderLine
from app.parcels.model import Parcel

#: What is used up is known after a few days, as what must be eaten soon is (product.md).
USED_LIKE = {"consumable": "fast"}


@dataclass(frozen=True)
class Prepared:
    """A definition, and what it asks for, worked out once for everybody."""

    definition: Definition
    anchors: frozenset[str]
    heard: frozenset[str]
    words: frozenset[str]


def prepare(definition: Definition) -> Prepared:
    """What a definition asks for."""
    floors = {parse_floor(one.not_before).anchor for one in definition.steps if one.not_before}
    anchors = frozenset(floors | {step.anchor for step in definition.steps})
    words = frozenset(definition.words)
    return Prepared(definition, anchors, anchors | words, words)


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
        flags = hindsight.holding(history, asked.words, line)
        yield Course(
            definition=definition,
            order_id=history.order.id,
            subject=name,
            begins=begins,
            zone=history.zone,
            moments=_moments(history, parcel),
            known=_known(history, asked, line, begins),
            flags=flags,
            since=_since(history),
            ends=tuple(sorted(_ends(history, definition, line))),
            hoped=history.hoped,
            refused=_refusal(history, definition, flags),
            product=line.title if line is not None else "",
            product_kind=_kind(history, line),
            delivery_days=delivery_days,
            own_interval_days=history.interval_days,
            heard=asked.heard,
        )


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
        yield whole, begins or _received(history), None, None
    else:
        arrived, lines = _arrivals(history)[0]
        for line in _speaking(history, definition, begins or arrived, lines):
            yield whole, begins or arrived, line, None


def _speaking(
    history: History, definition: Definition, begins: datetime, lines: list[OrderLine]
) -> list[OrderLine]:
    """The line that speaks for an order. One that went back before the first word gave its place
    to the best of what stayed (`service.ending.hand_on`)."""
    chosen, gone_at = _main(lines), history.order.refunded_at
    if not chosen or chosen[0].current_quantity > 0 or gone_at is None:
        return chosen
    kind = _kind(history, chosen[0])
    words = [step for step in definition.steps if not step.anchor.startswith("step:")]
    first = min(rules.shifted(begins, step.offset_for(kind), history.zone) for step in words)
    kept = _main([line for line in lines if line.current_quantity > 0])
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
    for arrived, lines in _arrivals(history):
        for line in lines:
            used_up = not consumables or history.shelf.lasts(line) is not None
            if line.id not in seen and used_up:
                seen.add(line.id)
                yield f"line:{line.id}", begins or arrived, line, None


def _received(history: History) -> datetime:
    return _usable(history) if history.digital else history.delivered_at


def _usable(history: History) -> datetime:
    """What is not shipped is there to be used once it is paid."""
    return history.paid_at or history.order.placed_at


def _arrivals(history: History) -> list[tuple[datetime, list[OrderLine]]]:
    """What arrived when, the first arrival first; as expected while nothing has. What was given
    back later was there when it arrived."""
    lines = [line for line in history.lines if not line.gift_card]
    if history.digital:
        return [(_usable(history), lines)]
    goods = [line for line in lines if line.requires_shipping]
    arrivals = [
        (parcel.delivered_at, _brought(history, parcel, goods))
        for parcel in history.parcels
        if parcel.delivered_at
    ] or [(history.delivered_at, goods)]
    gone_at = history.order.refunded_at
    return [
        (at, [line for line in some if line.current_quantity > 0 or (gone_at and gone_at > at)])
        for at, some in sorted(arrivals, key=lambda one: one[0])
    ]


def _brought(history: History, parcel: Parcel, goods: list[OrderLine]) -> list[OrderLine]:
    inside = history.inside.get(parcel.id, set())
    return [line for line in goods if not inside or line.shopify_id in inside]


def _main(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """What the customer paid most for, the first in the cart among equals."""
    named = [line for line in lines if line.product_shopify_id is not None]
    worth = {line.id: line.price_minor * line.quantity - line.discount_minor for line in named}
    return [max(named, key=lambda line: (worth[line.id], -line.id))] if named else []


def _since(history: History) -> dict[str, datetime]:
    """The conditions that came true on the way."""
    found = {"paid": history.paid_at}
    if not history.digital:
        found |= {"shipped": history.shipped_at, "delivered": history.delivered_at}
    if any(parcel.delivered_at and parcel.inferred for parcel in history.parcels):
        found["inferred"] = history.delivered_at
    return {name: at for name, at in found.items() if at is not None}


def _moments(history: History, parcel: Parcel | None) -> dict[str, datetime]:
    """The anchors, and when each came about."""
    if history.digital:
        bought = {"ordered": history.order.placed_at, "paid": history.paid_at}
        bought["received"] = history.paid_at
        return {name: at for name, at in bought.items() if at is not None}
    found: dict[str, datetime | None] = {
        "ordered": history.order.placed_at,
        "paid": history.paid_at,
    }
    delivered = history.delivered_at
    out = [one.out_for_delivery_at for one in history.parcels if one.out_for_delivery_at]
    found["shipped"], found["delivered"] = history.shipped_at, delivered
    found["out_for_delivery"] = min(out) if out else None
    if parcel is not None:
        found["shipped"] = parcel.shipped_at
        found["out_for_delivery"] = parcel.out_for_delivery_at
        found["delivered"] = parcel.delivered_at or max(delivered, parcel.shipped_at)
    found["received"] = found["delivered"]
    found |= {name: history.news.get(name) for name in ("attempted", "delayed")}
    return {name: at for name, at in found.items() if at is not None}


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
        yield order.refunded_at or order.placed_at, "line_refunded"
    if line is not None and "consumable" in definition.when:
        bought = history.purchases.get(line.product_shopify_id or 0, [])
        yield from ((at, "bought_again") for at, _ in bought if at > order.placed_at)
    if "ordered_again" in definition.ends_on:
        yield from ((at, "ordered_again") for at in history.ordered if at > order.placed_at)


def _refusal(history: History, definition: Definition, flags: frozenset[str]) -> str | None:
    """Why it would have ended at once."""
    if history.order.test:
        return "test_order"
    if history.order.source_name == "pos":
        return "point_of_sale"
    failing = rules.failing(definition.when, flags)
    if not failing:
        return None
    return "gift" if failing[0] == "not gift" else f"only:{failing[0]}"[:64]
