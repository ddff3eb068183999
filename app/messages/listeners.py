"""What others announce and messages answer to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.consent.events import Suppressed, Unsubscribed
from app.consent.model import Suppression
from app.messages import reasons, service
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
    """Someone wants no more marketing: what was scheduled for them does not leave."""
    if event.customer_id is not None:
        service.cancel_marketing(session, event.customer_id, reasons.UNSUBSCRIBED)


def on_suppressed(session: Session, event: Suppressed) -> None:
    """An address takes no more mail."""
    if event.suppression_id is None:
        return
    found = session.get(Suppression, (session.info["shop_id"], event.suppression_id))
    if found is not None and found.address:
        service.cancel_to_address(session, found.address, reasons.SUPPRESSED, scope=event.scope)
