"""What happens elsewhere and what journeys make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.consent.events import BirthdayTold
from app.core.clock import now
from app.core.queue import ring
from app.journeys.facts import is_digital, nothing_left
from app.journeys.model import JourneyRun, JourneySwitch
from app.journeys.queries import LIVE
from app.journeys.service.ending import (
    bought_again,
    end,
    end_all,
    live,
    of_replenish,
    ordered_again,
    products,
    stop,
    take_up,
)
from app.journeys.service.entering import enter
from app.journeys.service.running import look_again, wake
from app.messages.events import MessageClicked
from app.messages.queries import by_id
from app.mirror import queries as mirror
from app.mirror.events import (
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    ReturnMoved,
    SubscriptionOrdered,
)
from app.mirror.model import Order
from app.parcels.events import ParcelDelivered, ParcelEvent, ParcelShipped
from app.replenishment.events import ReminderChosen
from app.shops.events import ShopUninstalled

if TYPE_CHECKING:
    from app.reorder.events import ReorderCompleted
    from app.reviews.events import ReviewSubmitted


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """A new order ends what it answers, and enters what starts with it."""
    order = mirror.order(session, event.order_id or 0)
    ordered_again(session, order)
    enter(session, "ordered", order)
    if not mirror.awaits_payment(order):
        _paid(session, order)
    bought_again(session, order)


def on_order_paid(session: Session, event: OrderPaid) -> None:
    """What starts with the payment does, and what waited for it goes on."""
    order = mirror.order(session, event.order_id or 0)
    _paid(session, order)
    wake(session, order.id)


def _paid(session: Session, order: Order) -> None:
    """A paid order; what of it is not shipped is there to be used from now on."""
    enter(session, "paid", order)
    if is_digital(mirror.order_lines(session, order.id)):
        enter(session, "received", order)


def on_subscription_ordered(session: Session, event: SubscriptionOrdered) -> None:
    """What starts with a subscription does; what it makes needless looks again."""
    order = mirror.order(session, event.order_id or 0)
    enter(session, "subscribed", order)
    wake(session, order.id)


def on_reminder_chosen(session: Session, event: ReminderChosen) -> None:
    """Runs that count from the day it runs out look again."""
    wake(session, event.order_id or 0)


def on_birthday_told(session: Session, event: BirthdayTold) -> None:
    """Runs of this person may have waited for the day."""
    look_again(session, JourneyRun.customer_id == event.customer_id)


def on_message_clicked(session: Session, event: MessageClicked) -> None:
    """A person followed a link: the run that sent it may have waited for just that."""
    run_id = by_id(session, event.message_id).run_id
    for run in live(session, JourneyRun.id == run_id):
        if run.state == "scheduled":
            run.due_at = now(session)
            ring(session, "journeys.tick")


def on_parcel_shipped(session: Session, event: ParcelShipped) -> None:
    """A parcel enters what starts with it; runs of its order look again."""
    order = mirror.order(session, event.order_id or 0)
    enter(session, "shipped", order, event.parcel_id)
    wake(session, order.id)


def on_parcel_delivered(session: Session, event: ParcelDelivered) -> None:
    """What arrived can be used, reviewed and used up."""
    order = mirror.order(session, event.order_id or 0)
    enter(session, "received", order, event.parcel_id)
    wake(session, order.id)


def on_parcel_news(session: Session, event: ParcelEvent) -> None:
    """Runs that waited for this look again."""
    wake(session, event.order_id or 0)


def on_order_cancelled(session: Session, event: OrderCancelled) -> None:
    """A cancelled order gets nothing more."""
    stop(session, event.order_id or 0, "cancelled", "order_cancelled")


def on_order_refunded(session: Session, event: OrderRefunded) -> None:
    """A refunded order gets nothing more; after a refund in part runs look whether their product is
    still there."""
    if event.full:
        stop(session, event.order_id or 0, "refunded", "order_refunded")
    else:
        wake(session, event.order_id or 0)


def on_return_moved(session: Session, event: ReturnMoved) -> None:
    """What goes back leaves its journeys as what was refunded does, and an order of which nothing
    stays gets nothing more; until the return is called off."""
    order = mirror.order(session, event.order_id or 0)
    if event.status == "canceled":
        take_up(session, order.id)
        return
    lines = mirror.order_lines(session, order.id)
    if any(line.returned_quantity for line in lines) and nothing_left(lines):
        stop(session, order.id, "refunded", "order_refunded")
        return
    wake(session, order.id)


def on_review_submitted(session: Session, event: ReviewSubmitted) -> None:
    """The request stops at the first answer, whichever product of the order it was about."""
    for run in live(session, JourneyRun.order_id == event.order_id, journey="review"):
        end(session, run, "reviewed")


def on_reorder_completed(session: Session, event: ReorderCompleted) -> None:
    """The second order ends the replenishment that asked for it, as its result. A run that the
    same order had already ended as any other purchase gets the better reason."""
    chosen = or_(JourneyRun.id == event.run_id, JourneyRun.order_id == event.order_id)
    bought = products(session, event.new_order_id)
    for run in of_replenish(session, chosen):
        asked_for_it = run.id == event.run_id or run.subject_ids.get("product_shopify_id") in bought
        if asked_for_it and run.state in LIVE:
            end(session, run, "reordered")
        elif asked_for_it and run.end_reason == "bought_again":
            run.end_reason = "reordered"


def on_shop_uninstalled(session: Session, _event: ShopUninstalled) -> None:
    """Everything stops at once and stays off until someone switches it on again."""
    session.execute(update(JourneySwitch).values(switched_on_at=None))
    end_all(session, "uninstalled")
