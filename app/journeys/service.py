"""Runs: who enters a journey, what is sent when, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.queue import ring
from app.journal.service import record
from app.journeys import facts as known
from app.journeys import rules
from app.journeys.definitions import Definition, presets
from app.journeys.events import RunEnded, RunEntered
from app.journeys.model import JourneyRun, JourneySwitch
from app.journeys.queries import LIVE, taken
from app.journeys.subjects import Subject, subjects_of
from app.messages import service as messages
from app.messages.model import Message
from app.mirror import queries as mirror
from app.mirror.events import OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from app.mirror.model import Order
from app.parcels.events import ParcelDelivered, ParcelEvent, ParcelShipped
from app.shops.events import ShopUninstalled

if TYPE_CHECKING:
    from app.reorder.events import ReorderCompleted
    from app.reviews.events import ReviewSubmitted

#: Ends that are a journey's own; every other reason broke it off.
FINISHED = frozenset({"completed", "unanswered", "reviewed", "reordered", "bought_again"})


# --- on and off ---------------------------------------------------------------------------------


def switch_on(session: Session, journey: str) -> datetime:
    """Switch a journey on for orders placed from now on; one that is on keeps its beginning."""
    if journey not in presets():
        raise NotFound
    since = known.switched_on_at(session, journey)
    if since is None:
        since = now(session)
        session.execute(
            insert(JourneySwitch)
            .values(shop_id=session.info["shop_id"], journey=journey, switched_on_at=since)
            .on_conflict_do_update(
                index_elements=["shop_id", "journey"], set_={"switched_on_at": since}
            )
        )
    return since


def switch_on_recommended(session: Session) -> list[str]:
    """Switch on the journeys most shops want; returns which."""
    chosen = [key for key, definition in presets().items() if definition.recommended]
    for key in chosen:
        switch_on(session, key)
    return chosen


def switch_off(session: Session, journey: str) -> None:
    """Switch a journey off: whoever is on the way in it gets nothing more from it."""
    if journey not in presets():
        raise NotFound
    session.execute(
        update(JourneySwitch).where(JourneySwitch.journey == journey).values(switched_on_at=None)
    )
    _end_all(session, "switched_off", journey)
    waiting = select(Message.run_id).where(
        Message.state == "scheduled",
        Message.run_id.in_(select(JourneyRun.id).where(JourneyRun.journey == journey)),
    )
    for run_id in set(session.scalars(waiting)):
        messages.cancel_run(session, run_id or 0, "journey_off")


# --- listeners ----------------------------------------------------------------------------------


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """A new order enters what starts with it, and ends what asked for it."""
    order = mirror.order(session, event.order_id or 0)
    _enter(session, "ordered", order)
    if known.is_digital(mirror.order_lines(session, order.id)):
        _enter(session, "received", order)
    _bought_again(session, order)


def on_order_paid(session: Session, event: OrderPaid) -> None:
    """What waited for the payment goes on."""
    wake(session, event.order_id or 0)


def on_parcel_shipped(session: Session, event: ParcelShipped) -> None:
    """A parcel enters what starts with it; runs of its order look again."""
    order = mirror.order(session, event.order_id or 0)
    _enter(session, "shipped", order, event.parcel_id)
    wake(session, order.id)


def on_parcel_delivered(session: Session, event: ParcelDelivered) -> None:
    """What arrived can be used, reviewed and used up."""
    order = mirror.order(session, event.order_id or 0)
    _enter(session, "received", order, event.parcel_id)
    wake(session, order.id)


def on_parcel_news(session: Session, event: ParcelEvent) -> None:
    """Runs that waited for this look again."""
    wake(session, event.order_id or 0)


def on_order_cancelled(session: Session, event: OrderCancelled) -> None:
    """A cancelled order gets nothing more."""
    stop(session, event.order_id or 0, "cancelled", "order_cancelled")


def on_order_refunded(session: Session, event: OrderRefunded) -> None:
    """A refunded order gets nothing more; after a refund in part, runs look whether their product
    is still there."""
    if event.full:
        stop(session, event.order_id or 0, "refunded", "order_refunded")
    else:
        wake(session, event.order_id or 0)


def on_review_submitted(session: Session, event: ReviewSubmitted) -> None:
    """The request stops at the first answer, whichever product of the order it was about."""
    for run in _live(session, JourneyRun.order_id == event.order_id, journey="review"):
        end(session, run, "reviewed")


def on_reorder_completed(session: Session, event: ReorderCompleted) -> None:
    """The second order ends the replenishment that asked for it, as its result. A run that the
    same order had already ended as any other purchase gets the better reason."""
    chosen = or_(JourneyRun.id == event.run_id, JourneyRun.order_id == event.order_id)
    bought = _products(session, event.new_order_id)
    for run in _of_replenish(session, chosen):
        asked_for_it = run.id == event.run_id or run.subject_ids.get("product_shopify_id") in bought
        if asked_for_it and run.state in LIVE:
            end(session, run, "reordered")
        elif asked_for_it and run.end_reason == "bought_again":
            run.end_reason = "reordered"


def on_shop_uninstalled(session: Session, _event: ShopUninstalled) -> None:
    """Everything stops at once and stays off until someone switches it on again."""
    session.execute(update(JourneySwitch).values(switched_on_at=None))
    _end_all(session, "uninstalled")


# --- entering -----------------------------------------------------------------------------------


def _enter(session: Session, moment: str, order: Order, parcel_id: int | None = None) -> None:
    for definition in presets().values():
        if definition.starts != moment or not known.switched_on_at(session, definition.key):
            continue
        for subject in subjects_of(session, definition, order, parcel_id):
            _enter_one(session, definition, order, subject)


def _enter_one(session: Session, definition: Definition, order: Order, subject: Subject) -> None:
    """Insert the run, once per subject; one that must not go on is ended in the same breath, so
    that the order's timeline says why nothing comes."""
    run_id = session.execute(
        insert(JourneyRun)
        .values(
            shop_id=session.info["shop_id"],
            journey=definition.key,
            version=definition.version,
            subject=subject.name,
            order_id=order.id,
            customer_id=order.customer_id,
            subject_ids=subject.ids,
            steps={},
            state="scheduled",
            lane="default",
            attempts=0,
            due_at=now(session),
            entered_at=now(session),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "journey", "subject"])
        .returning(JourneyRun.id)
    ).scalar_one_or_none()
    if run_id is None:
        return
    run = session.get_one(JourneyRun, (session.info["shop_id"], run_id))
    lines = mirror.order_lines(session, order.id)
    refused = known.refusal(session, definition, order, lines, subject.line)
    if refused:
        end(session, run, refused)
        return
    record(session, _event(session, RunEntered, run))
    ring(session, "journeys.tick")


# --- on the way ---------------------------------------------------------------------------------


def advance(session: Session, run: JourneyRun) -> None:
    """Take the steps that are due and plan the next; called with the run claimed and locked."""
    definition = presets().get(run.journey)
    if definition is None:
        end(session, run, "withdrawn")
        return
    facts = known.facts_of(session, run, definition)
    _withdraw(session, run, definition, facts)
    while True:
        decision = rules.next_step(definition, facts, taken(run), now(session))
        if isinstance(decision, rules.Due) and decision.at <= now(session):
            _take(session, run, definition, decision)
            facts = replace(facts, asked=known.has_asked(run))
            continue
        if isinstance(decision, rules.Wait | rules.Due):
            rest(run, decision.at if isinstance(decision, rules.Due) else decision.until)
        else:
            end(session, run, getattr(decision, "reason", "completed"))
        return


def _take(session: Session, run: JourneyRun, definition: Definition, due: rules.Due) -> None:
    """Compose one step's message and note what became of it. Later steps count from the moment
    the message really goes out, or from the step's own when nothing does."""
    message = messages.compose(
        session,
        messages.Intent(
            key=f"{run.journey}:{run.id}:{due.step}",
            kind=definition.step(due.step).message,
            journey=run.journey,
            due_at=due.at,
            order_id=run.order_id,
            customer_id=run.customer_id,
            run_id=run.id,
            subject_ids={key: int(value) for key, value in run.subject_ids.items()},
        ),
    )
    at = message.due_at if message.state == "scheduled" and message.due_at else due.at
    outcome: dict[str, Any] = {
        "at": at.isoformat(),
        "outcome": "skipped" if message.state == "skipped" else "composed",
        "message_id": message.id,
    }
    if message.reason:
        outcome["reason"] = message.reason
    run.steps = {**run.steps, due.step: outcome}


def _withdraw(
    session: Session, run: JourneyRun, definition: Definition, facts: rules.Facts
) -> None:
    """Call off what was composed and waits for its hour, and has lost its point meanwhile: how to
    prepare for a parcel that is on its way."""
    reasons = {
        "paid": "unpaid",
        "not shipped": "shipped_already",
        "not delivered": "shipped_already",
    }
    for step in definition.steps:
        message_id = run.steps.get(step.key, {}).get("message_id")
        failing = rules.failing(step.when, facts.flags)
        if message_id and failing:
            messages.withdraw(session, message_id, reasons.get(failing[0], "run_ended"))


def rest(run: JourneyRun, until: datetime | None) -> None:
    """Put a run to sleep until a moment, or until an event wakes it. A run is claimed many times
    in its life, so each good step forgives the failures before it."""
    run.state, run.due_at = "scheduled", until
    run.attempts, run.retry_at, run.error = 0, None, None


def wake(session: Session, order_id: int) -> None:
    """Have an order's live runs look again now. A run that a worker has just claimed reads the
    news anyway: it waits for this lock or has not read yet."""
    for run in _live(session, JourneyRun.order_id == order_id):
        if run.state == "scheduled":
            run.due_at = now(session)
    ring(session, "journeys.tick")


# --- ending -------------------------------------------------------------------------------------


def end(session: Session, run: JourneyRun, reason: str) -> None:
    """End a run and call off what it had scheduled. Its claim is taken away, so that a worker who
    holds it finds nothing to do."""
    run.state = "done" if reason in FINISHED else "cancelled"
    run.due_at = run.claim_token = run.lease_until = run.error = None
    run.ended_at, run.end_reason = now(session), reason
    session.flush()
    if reason != "completed":
        messages.cancel_run(session, run.id, _message_reason(reason))
    record(session, _event(session, RunEnded, run, reason=reason))


def stop(session: Session, order_id: int, reason: str, message_reason: str) -> None:
    """End everything that was still to come for an order, what ended runs left waiting, too."""
    for run in _live(session, JourneyRun.order_id == order_id):
        end(session, run, reason)
    messages.cancel_for_order(session, order_id, message_reason)


def stop_by_hand(session: Session, order_id: int) -> None:
    """Someone of the shop wants this order left in peace."""
    stop(session, mirror.order(session, order_id).id, "stopped", "run_ended")


def _message_reason(reason: str) -> str:
    """The messages room's word for why a run's messages are called off."""
    words = {
        "cancelled": "order_cancelled",
        "refunded": "order_refunded",
        "switched_off": "journey_off",
        "uninstalled": "shop_inactive",
        "redacted": "customer_erased",
        "bought_again": "reordered",
    }
    kept = {"line_refunded", "parcel_cancelled", "reviewed", "reordered"}
    return words.get(reason) or (reason if reason in kept else "run_ended")


def _end_all(session: Session, reason: str, journey: str | None = None) -> None:
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


def _bought_again(session: Session, order: Order) -> None:
    """Nobody is reminded of what they have just bought (product.md: never when it does not)."""
    if order.customer_id is None or order.test:
        return
    bought = _products(session, order.id)
    mine = JourneyRun.customer_id == order.customer_id
    for run in _of_replenish(session, mine):
        again = run.subject_ids.get("product_shopify_id") in bought
        if again and run.state in LIVE and run.order_id != order.id:
            end(session, run, "bought_again")


def _products(session: Session, order_id: int) -> set[int]:
    lines = mirror.order_lines(session, order_id)
    return {line.product_shopify_id for line in lines if line.product_shopify_id}


def _of_replenish(session: Session, *which: Any) -> list[JourneyRun]:
    query = select(JourneyRun).where(JourneyRun.journey == "replenish", *which)
    return list(session.scalars(query.order_by(JourneyRun.id).with_for_update()))


def _live(session: Session, *which: Any, journey: str | None = None) -> list[JourneyRun]:
    query = select(JourneyRun).where(JourneyRun.state.in_(LIVE), *which)
    if journey:
        query = query.where(JourneyRun.journey == journey)
    return list(session.scalars(query.order_by(JourneyRun.id).with_for_update()))


def _event(session: Session, kind: Any, run: JourneyRun, **more: str) -> Any:
    return kind(
        occurred_at=now(session),
        order_id=run.order_id,
        customer_id=run.customer_id,
        run_id=run.id,
        journey=run.journey,
        **more,
    )
