"""What others announce and messages answer to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.consent.events import ConfirmationAsked, Suppressed, Unsubscribed
from app.consent.model import Suppression
from app.core.clock import now
from app.messages import reasons, service
from app.messages.facts import CHANNEL
from app.mirror.events import OrderCancelled, OrderRefunded
from app.shops.events import ShopUninstalled


def on_shop_uninstalled(session: Session, event: ShopUninstalled) -> None:  # noqa: ARG001
    """The app was removed: nothing leaves any more."""
    service.cancel_all(session, reasons.SHOP_INACTIVE)


def on_order_cancelled(session: Session, event: OrderCancelled) -> None:
    """A cancelled order stops what was coming."""
    if event.order_id is not None:
        service.cancel_for_order(session, event.order_id, reasons.ORDER_CANCELLED)


def on_order_refunded(session: Session, event: OrderRefunded) -> None:
    """A refunded order stops what was coming; after a part, what was about that part."""
    if event.order_id is None:
        return
    if event.full:
        service.cancel_for_order(session, event.order_id, reasons.ORDER_REFUNDED)
    else:
        service.cancel_for_refunded_lines(session, event.order_id)


def on_unsubscribed(session: Session, event: Unsubscribed) -> None:
    """Someone wants no more marketing mail: what was scheduled for them does not leave. By another
    channel it is found out at the moment of sending, which may choose e-mail instead."""
    if event.customer_id is not None and event.channel == CHANNEL:
        service.cancel_marketing(session, event.customer_id, reasons.UNSUBSCRIBED)


def on_confirmation_asked(session: Session, event: ConfirmationAsked) -> None:
    """A consent waits for its owner's second click (rules.md EM-5): the mail with the link."""
    service.compose(
        session,
        service.Intent(
            key=f"confirm:{event.request_id}",
            kind="confirm-subscription",
            journey="consent",
            due_at=now(session),
            order_id=None,
            customer_id=event.customer_id,
        ),
    )


def on_suppressed(session: Session, event: Suppressed) -> None:
    """An address takes no more mail."""
    if event.suppression_id is None:
        return
    found = session.get(Suppression, (session.info["shop_id"], event.suppression_id))
    if found is not None and found.address:
        service.cancel_to_address(session, found.address, reasons.SUPPRESSED, scope=event.scope)
