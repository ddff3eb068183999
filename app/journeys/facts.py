"""What is known about a run's subject: its moments, its conditions, and whether it must stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journeys import anchors, conditions, rules
from app.journeys.definitions import Definition
from app.journeys.known import Known, is_digital, is_gift, looks_like_gift, zone_of
from app.journeys.library import definitions
from app.journeys.model import JourneyRun, JourneySwitch
from app.journeys.person import birthday_of
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.parcels import queries as parcels
from app.parcels.model import Parcel
from app.replenishment import queries as lanes
from app.shops.service import shop

__all__ = [
    "facts_of",
    "is_digital",
    "is_gift",
    "looks_like_gift",
    "steps_of",
    "switched_on_at",
    "zone_of",
]

#: A run in one of these states is in its journey, or was to the end.
INSIDE = ("scheduled", "claimed", "done")


def facts_of(
    session: Session, run: JourneyRun, definition: Definition, *, with_hopes: bool = False
) -> rules.Facts:
    """Everything `next_step` needs to know, read afresh. `with_hopes` adds the expected days,
    which only forecasts look at."""
    known = known_of(session, run, definition)
    outcomes = {key: record["outcome"] for key, record in known.steps.items()}
    entered_at = run.entered_at or now(session)
    return rules.Facts(
        anchors=anchors.moments(known, entered_at, with_hopes=with_hopes),
        flags=conditions.holding(known),
        zone=known.zone,
        product_kind=_product_kind(known),
        delivery_days=_delivery_days(session, definition),
        own_interval_days=_own_interval(known),
        exit=_exit(run, known),
        asked="composed" in outcomes.values(),
        refused="skipped" in outcomes.values(),
        passed=frozenset(key for key, outcome in outcomes.items() if outcome == "passed"),
        replaced=_replaced(session, run),
        round=run.round or 0,
        leapling=_leapling(known),
    )


def _leapling(known: Known) -> bool:
    if not any(step.anchor == "birthday" for step in known.definition.steps):
        return False
    return birthday_of(known.session, known.order) == (2, 29)


def known_of(session: Session, run: JourneyRun, definition: Definition) -> Known:
    """The rows behind a run."""
    order = mirror.order(session, run.order_id or 0)
    lines = mirror.order_lines(session, order.id)
    line = next((one for one in lines if one.id == run.subject_ids.get("line_id")), None)
    # Where there is one line only, every parcel brings it.
    brought = parcels.parcels_with(session, line) if line and len(lines) > 1 else None
    own = brought if brought is not None else _parcels(session, run, order)
    return Known(session, definition, order, lines, line, own, steps_of(run))


def steps_of(run: JourneyRun) -> dict[str, dict[str, object]]:
    """What became of the steps of the present round."""
    return {key: record for key, record in run.steps.items() if "#" not in key}


def _parcels(session: Session, run: JourneyRun, order: Order) -> list[Parcel]:
    """The parcels a run is about: its own one, or all of the order."""
    if "parcel_id" in run.subject_ids and run.subject.startswith("parcel:"):
        return [parcels.parcel(session, run.subject_ids["parcel_id"])]
    return parcels.parcels_of(session, order.id)


def _product_kind(known: Known) -> str:
    if known.line is None or not known.products:
        return "standard"
    # What is used up is known after a few days, as what must be eaten soon is (product.md).
    kind = known.products[0].kind
    return {"consumable": "fast"}.get(kind, kind)


def _delivery_days(session: Session, definition: Definition) -> int:
    wanted = any(step.earlier_by for step in definition.steps)
    return lanes.delivery_days(session) if wanted else 0


def _own_interval(known: Known) -> float | None:
    wanted = any("own_interval" in (step.not_before or "") for step in known.definition.steps)
    return known.person.own_interval_days if wanted else None


def _replaced(session: Session, run: JourneyRun) -> frozenset[str]:
    """The steps of a run that other journeys of its order do instead."""
    instead = {
        (other.key, name.partition(".")[2])
        for other in definitions(session).values()
        for name in other.replaces
        if name.startswith(f"{run.journey}.")
    }
    if not instead:
        return frozenset()
    entered = set(
        session.scalars(
            select(JourneyRun.journey).where(
                JourneyRun.order_id == run.order_id,
                JourneyRun.journey.in_({key for key, _ in instead}),
                JourneyRun.state.in_(INSIDE),
            )
        )
    )
    return frozenset(step for key, step in instead if key in entered)


def _exit(run: JourneyRun, known: Known) -> str | None:
    """Why a run must stop now, whatever its definition says."""
    session, order, line = known.session, known.order, known.line
    own = known.parcels[0] if known.parcels and run.subject.startswith("parcel:") else None
    reasons = {
        "uninstalled": shop(session).uninstalled_at is not None,
        "redacted": order.redacted_at is not None,
        "cancelled": order.cancelled_at is not None,
        "refunded": _refunded(known),
        "switched_off": switched_on_at(session, run.journey) is None,
        "line_refunded": line is not None and line.current_quantity <= 0,
        "parcel_cancelled": own is not None and own.cancelled_at is not None,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _refunded(known: Known) -> bool:
    """Whether all the money or all the goods went back."""
    order = known.order
    back = order.refunded_at is not None or any(line.returned_quantity for line in known.lines)
    return order.financial_status == "refunded" or (back and nothing_left(known.lines))


def nothing_left(lines: Sequence[OrderLine]) -> bool:
    """Whether their buyer keeps nothing of these lines."""
    return all(line.current_quantity <= 0 for line in lines)


def switched_on_at(session: Session, journey: str) -> datetime | None:
    """Since when a journey is on in this shop; None for off."""
    return session.execute(
        select(JourneySwitch.switched_on_at).where(JourneySwitch.journey == journey)
    ).scalar_one_or_none()
