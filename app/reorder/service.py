"""Confirm a reorder, and tie the order that it brings to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Conflict
from app.journal.service import record
from app.mirror import queries as mirror
from app.mirror.events import OrderPlaced
from app.mirror.model import Customer
from app.reorder import rules
from app.reorder.events import ReorderCompleted, ReorderConfirmed
from app.reorder.model import Reorder
from app.reorder.queries import Screen, of_order
from app.shopify.permalinks import cart_permalink, filled_in
from app.shops.service import shop

#: The cart attribute that carries a reorder's or an offer's word through the checkout.
REF = "okaeri_ref"


@dataclass(frozen=True)
class Origin:
    """Which run and message the link came from, if one did."""

    run_id: int | None
    message_id: int | None


def confirm(session: Session, shown: Screen, origin: Origin, ref: str) -> str:
    """Keep what was on the screen and answer the checkout's URL. `ref` comes from the screen, so
    a double click makes one row. Raises `Conflict` when nothing of it can be bought any more."""
    chosen = rules.chosen(shown.lines)
    if not chosen:
        raise Conflict("nothing to order")
    made = session.execute(
        insert(Reorder)
        .values(
            shop_id=session.info["shop_id"],
            ref=ref,
            order_id=shown.order.id,
            run_id=origin.run_id,
            message_id=origin.message_id,
            screen=_snapshot(shown, chosen),
        )
        .on_conflict_do_nothing()
        .returning(Reorder.id)
    ).scalar_one_or_none()
    if made is not None:
        record(
            session,
            ReorderConfirmed(
                occurred_at=now(session),
                order_id=shown.order.id,
                customer_id=shown.order.customer_id,
                reorder_id=made,
            ),
        )
    return cart_permalink(
        shop(session).storefront_url,
        [(line.variant_shopify_id, line.quantity) for line in chosen],
        attributes={REF: ref},
        ref="okaeri",
        # The link was mailed to that order's own address.
        checkout=filled_in(shown.order.email, shown.order.shipping_address),
    )


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """Tie a new order to the reorder whose word it carries; once."""
    order = mirror.order(session, event.order_id or 0)
    ref = order.note_attributes.get(REF)
    if not isinstance(ref, str):
        return
    reorder = session.scalars(
        select(Reorder).where(Reorder.ref == ref).with_for_update()
    ).one_or_none()
    if reorder is None or reorder.new_order_id is not None:
        return
    reorder.new_order_id, reorder.completed_at = order.id, order.placed_at
    record(
        session,
        ReorderCompleted(
            occurred_at=order.placed_at,
            order_id=reorder.order_id,
            customer_id=order.customer_id,
            reorder_id=reorder.id,
            new_order_id=order.id,
            run_id=reorder.run_id,
        ),
    )


def _snapshot(shown: Screen, chosen: list[rules.Offered]) -> dict[str, Any]:
    """What the person agreed to, kept with the acceptance (TK-6)."""
    return {
        "lines": [
            {
                "title": line.title,
                "variant_shopify_id": line.variant_shopify_id,
                "quantity": line.quantity,
                "price_minor": line.price.minor,
            }
            for line in chosen
        ],
        "total_minor": shown.total.minor,
        "currency": shown.total.currency,
        "arrives": [day.isoformat() for day in shown.arrives or ()],
    }


def export_person(session: Session, customer: Customer) -> list[dict[str, Any]]:
    """What a customer confirmed to buy again: what was on the screen, and when."""
    return [
        {"order": order.name, "confirmed_at": row.confirmed_at, "screen": row.screen}
        for order in mirror.orders_of(session, customer.id)
        for row in of_order(session, order.id)
    ]
