"""On which day of a customer's time with the shop a step usually falls, for the map of journeys.
Pure, and an estimate: how long parcels take and things last differs."""

from __future__ import annotations

from app.journeys.definitions import Definition, Step

#: The four parts of the map and the day each ends before; the last has no end.
PHASES: tuple[tuple[str, int], ...] = (("first", 7), ("use", 30), ("again", 90), ("loyal", 10**6))

#: Days from the order to each moment, as they usually are.
USUAL = {
    "ordered": 0,
    "paid": 0,
    "shipped": 1,
    "out_for_delivery": 3,
    "attempted": 3,
    "delayed": 4,
    "expected_delivery": 3,
    "delivered": 3,
    "received": 3,
    "predicted_run_out": 33,
    "first_order": 0,
    "last_order": 0,
    "birthday": 180,
    "subscribed": 0,
    "season": 90,
}
DAYS_A_MONTH = 30


def day_of(definition: Definition, step: Step) -> int:
    """The day after the order on which a step usually falls."""
    before = 0
    if step.after is not None:
        earlier = {one.key: one for one in definition.steps}.get(step.after)
        before = day_of(definition, earlier) if earlier is not None else 0
    offset = step.offset_for("standard")
    span = offset.days + DAYS_A_MONTH * offset.months + int(offset.span.total_seconds() // 86_400)
    return max(0, before + USUAL.get(step.anchor, 0) + span)


def phase_of(definition: Definition, step: Step) -> str:
    """The part of the map a step stands in."""
    day = day_of(definition, step)
    return next(name for name, end in PHASES if day < end)
