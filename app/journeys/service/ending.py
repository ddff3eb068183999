"""What ends a run, and what is called off with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.queue import ring
from app.journal.service import record
from app.journeys.events import RunEnded, RunEntered
from app.journeys.library import definitions
from app.journeys.model import JourneyRun
from app.journeys.queries import LIVE
from app.journeys.refusals import muted, too_early
from app.messages import service as messages
from app.mirror import queries as mirror
from app.mirror.model import Order

#: Ends that are a journey's own; every other reason broke it off.
FINISHED = frozenset({"completed", "unanswered", "reviewed", "reordered", "bought_again"})


def end(session: Session, run: JourneyRun, reason: str, *, own: bool = False) -> None:
    """End a run and call off what it had scheduled. Its claim is taken away, so that a worker who
    holds it finds nothing to do. `own` says that a step of the journey itself ends it."""
    run.state = "done" if own or reason in FINISHED else "cancelled"
    run.due_at = run.claim_token = run.lease_until = run.error = None
    run.ended_at, run.end_reason = now(session), reason
    session.flush()
    # A request that was kept back while something was wrong is still made (rules.md RV-1): a run
    # that only waited for an answer takes nothing with it.
    if reason not in ("completed", "unanswered") and not own:
        messages.cancel_run(session, run.id, _message_reason(reason))
    record(session, event(session, RunEnded, run, reason=reason))


def stop(session: Session, order_id: int, reason: str, message_reason: str) -> None:
    """End everything that was still to come for an order, what ended runs left waiting, too."""
    for run in live(session, JourneyRun.order_id == order_id):
        end(session, run, reason)
    messages.cancel_for_order(session, order_id, message_reason)


def take_up(session: Session, order_id: int) -> None:
    """What was to go back stays after all: runs that ended over it go on where they were, unless
    the shop has decided otherwise meanwhile: left the order or its buyer in peace, or switched the
    journey off. Each looks first whether something else ends it."""
    order = mirror.order(session, order_id)
    for run in _gone_back(session, order_id):
        if too_early(session, order, run.journey) or muted(session, order, run.journey):
            continue
        run.state, run.due_at, run.ended_at, run.end_reason = "scheduled", now(session), None, None
    ring(session, "journeys.tick")


def stop_by_hand(session: Session, order_id: int) -> None:
    """Someone of the shop wants this order left in peace, also when what went back stays after
    all."""
    stop(session, mirror.order(session, order_id).id, "stopped", "run_ended")
    for run in _gone_back(session, order_id):
        run.end_reason = "stopped"


def _gone_back(session: Session, order_id: int) -> list[JourneyRun]:
    """Runs that ended because their goods were to go back, locked."""
    query = select(JourneyRun).where(
        JourneyRun.order_id == order_id,
        JourneyRun.state == "cancelled",
        JourneyRun.end_reason.in_(("line_refunded", "refunded")),
    )
    return list(session.scalars(query.order_by(JourneyRun.id).with_for_update()))


def end_all(session: Session, reason: str, journey: str | None = None) -> None:
    """End every live run of the shop, or of one journey, in one statement: there may be tens of
    thousands. Each row says why; the journal is spared."""
    which = [JourneyRun.state.in_(LIVE)] + ([JourneyRun.journey == journey] if journey else [])
    session.execute(
        update(JourneyRun)
        .where(*which)
        .values(
            state="cancelled",
            due_at=None,
            claim_token=None,
            lease_until=None,
            ended_at=now(session),
            end_reason=reason,
        )
    )


def ordered_again(session: Session, order: Order) -> None:
    """A new order ends what counted from the one before: nobody who is back is won back. Mail of
    runs that are over but wait for their hour is called off, too."""
    if order.customer_id is None or order.test:
        return
    ending = [key for key, one in definitions(session).items() if "ordered_again" in one.ends_on]
    runs = session.scalars(
        select(JourneyRun)
        .where(
            JourneyRun.customer_id == order.customer_id,
            JourneyRun.journey.in_(ending),
            JourneyRun.order_id != order.id,
            JourneyRun.state != "cancelled",
        )
        .order_by(JourneyRun.id)
        .with_for_update()
    ).all()
    for run in runs:
        if run.state in LIVE:
            end(session, run, "ordered_again")
        else:
            messages.cancel_run(session, run.id, "reordered")


def bought_again(session: Session, order: Order) -> None:
    """Nobody is reminded of what they have just bought (product.md: never when it does not)."""
    if order.customer_id is None or order.test:
        return
    bought = products(session, order.id)
    mine = JourneyRun.customer_id == order.customer_id
    for run in of_replenish(session, mine):
        again = run.subject_ids.get("product_shopify_id") in bought
        if again and run.state in LIVE and run.order_id != order.id:
            end(session, run, "bought_again")


def products(session: Session, order_id: int) -> set[int]:
    """Shopify's numbers of an order's products."""
    lines = mirror.order_lines(session, order_id)
    return {line.product_shopify_id for line in lines if line.product_shopify_id}


def of_replenish(session: Session, *which: Any) -> list[JourneyRun]:
    """Runs that ask for the same order again, locked."""
    query = select(JourneyRun).where(JourneyRun.journey == "replenish", *which)
    return list(session.scalars(query.order_by(JourneyRun.id).with_for_update()))


def live(session: Session, *which: Any, journey: str | None = None) -> list[JourneyRun]:
    """Runs on their way, locked."""
    query = select(JourneyRun).where(JourneyRun.state.in_(LIVE), *which)
    if journey:
        query = query.where(JourneyRun.journey == journey)
    return list(session.scalars(query.order_by(JourneyRun.id).with_for_update()))


def event(
    session: Session, kind: type[RunEntered] | type[RunEnded], run: JourneyRun, **more: Any
) -> RunEntered | RunEnded:
    """What a run tells."""
    return kind(
        occurred_at=now(session),
        order_id=run.order_id,
        customer_id=run.customer_id,
        run_id=run.id,
        journey=run.journey,
        **more,
    )


def _message_reason(reason: str) -> str:
    """The messages room's word for why a run's messages are called off."""
    words = {
        "cancelled": "order_cancelled",
        "refunded": "order_refunded",
        "switched_off": "journey_off",
        "uninstalled": "shop_inactive",
        "redacted": "customer_erased",
        "bought_again": "reordered",
        "ordered_again": "reordered",
    }
    kept = {"line_refunded", "parcel_cancelled", "reviewed", "reordered"}
    return words.get(reason) or (reason if reason in kept else "run_ended")
