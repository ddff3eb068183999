"""What others announce and messages answer to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.addresses.events import AddressCorrected
from app.consent import service as consent
from app.consent.events import ConfirmationAsked, Released, Suppressed, Unsubscribed
from app.consent.model import GENERAL, Suppression
from app.core.clock import now
from app.messages import reasons, service
from app.messages.facts import EMAIL
from app.mirror import queries as mirror
from app.mirror.events import AddressChanged, OrderCancelled, OrderRefunded, ReturnMoved
from app.parcels.events import ParcelCancelled, ParcelDelayed, ParcelDelivered, ParcelMovedOn
from app.parcels.queries import parcel, parcels_of
from app.shops import service as shops
from app.shops.events import ShopResumed, ShopUninstalled

#: A parcel in one of these states is no trouble (any more).
FINE = ("shipped", "in_transit", "out_for_delivery", "pickup", "delivered")
DELAY = "delay"
RETURN = "return"
#: A return that nobody ever closes stops selling for so long after the last news of it.
FORGOTTEN = timedelta(days=60)


def on_shop_uninstalled(session: Session, event: ShopUninstalled) -> None:  # noqa: ARG001
    """The app was removed: nothing leaves any more."""
    service.cancel_all(session, reasons.SHOP_INACTIVE)


def on_order_cancelled(session: Session, event: OrderCancelled) -> None:
    """A cancelled order stops what was coming."""
    if event.order_id is not None:
        service.cancel_for_order(session, event.order_id, reasons.ORDER_CANCELLED)
        _nothing_awaited(session, event)


def on_order_refunded(session: Session, event: OrderRefunded) -> None:
    """A refunded order stops what was coming; after a part, what was about that part."""
    if event.order_id is None:
        return
    if event.full:
        service.cancel_for_order(session, event.order_id, reasons.ORDER_REFUNDED)
        _nothing_awaited(session, event)
    else:
        service.cancel_for_refunded_lines(session, event.order_id)


def _nothing_awaited(session: Session, event: OrderCancelled | OrderRefunded) -> None:
    """Nobody waits for the late parcel of an order that is off: it stops nothing of the next."""
    consent.release(session, customer_id=event.customer_id, order_id=event.order_id, reason=DELAY)


def on_return_moved(session: Session, event: ReturnMoved) -> None:
    """Nobody is sold anything while a return of theirs is open; what was to be about the goods
    that go back is called off."""
    who, order_id = event.customer_id, event.order_id
    if order_id is None:
        return
    if mirror.return_is_open(session, order_id):
        until = now(session) + FORGOTTEN
        consent.hold(session, customer_id=who, order_id=order_id, reason=RETURN, until=until)
    else:
        consent.release(session, customer_id=who, order_id=order_id, reason=RETURN)
    service.cancel_for_refunded_lines(session, order_id)


def on_unsubscribed(session: Session, event: Unsubscribed) -> None:
    """Someone wants no more marketing by a channel, or about a topic: what was scheduled for them
    there does not leave. What another channel may still carry is looked at when it leaves."""
    if event.customer_id is not None:
        topic = "" if event.scope == GENERAL else event.scope
        service.cancel_marketing(
            session, event.customer_id, reasons.UNSUBSCRIBED, channel=event.channel, topic=topic
        )


def on_confirmation_asked(session: Session, event: ConfirmationAsked) -> None:
    """A consent waits for its owner's second click (rules.md EM-5): the mail with the link."""
    service.compose(
        session,
        service.Intent(
            key=f"confirm:{event.request_id}",
            kind="confirm-subscription",
            journey="consent",
            channel=EMAIL,
            due_at=now(session),
            order_id=None,
            customer_id=event.customer_id,
        ),
    )


def on_address_changed(session: Session, event: AddressChanged | AddressCorrected) -> None:
    """An order goes elsewhere than its buyer first wrote: they are told, whoever wished it. Only
    where the shop lets buyers change addresses at all."""
    order = mirror.order(session, event.order_id or 0)
    if not event.moved or not shops.settings_of(shops.shop(session)).addresses.enabled:
        return
    service.compose(
        session,
        service.Intent(
            key=f"address:{order.id}:{event.occurred_at.isoformat()}",
            kind="address-changed",
            journey="address",
            due_at=event.occurred_at,
            order_id=order.id,
            customer_id=order.customer_id,
        ),
    )


def on_suppressed(session: Session, event: Suppressed) -> None:
    """An address takes no more mail."""
    if event.suppression_id is None:
        return
    found = session.get(Suppression, (session.info["shop_id"], event.suppression_id))
    if found is not None and found.address:
        service.cancel_to_address(session, found.address, reasons.SUPPRESSED, scope=event.scope)


def on_shop_resumed(session: Session, event: ShopResumed) -> None:  # noqa: ARG001
    """The pause is over: what orders need said follows, where it is still true."""
    service.let_go_all(session, reasons.SHOP_PAUSED)


def on_released(session: Session, event: Released) -> None:
    """What sells and waited for this goes on."""
    service.let_go(session, customer_id=event.customer_id, order_id=event.order_id)


def on_parcel_delayed(session: Session, event: ParcelDelayed) -> None:
    """Nobody who waits for a late parcel is sold anything meanwhile. News of it may come after it
    was called off, or after its arrival."""
    if event.order_id is None or mirror.order(session, event.order_id).cancelled_at:
        return
    late = parcel(session, event.parcel_id)
    if late.cancelled_at is None and late.delivered_at is None:
        consent.hold(session, customer_id=event.customer_id, order_id=event.order_id, reason=DELAY)


def on_parcel_delivered(
    session: Session, event: ParcelDelivered | ParcelMovedOn | ParcelCancelled
) -> None:
    """A late parcel has arrived or is called off, and the order's others have arrived, or are well
    on their way."""
    if event.order_id is None:
        return
    if all(one.state in FINE for one in parcels_of(session, event.order_id)):
        consent.release(
            session, customer_id=event.customer_id, order_id=event.order_id, reason=DELAY
        )
