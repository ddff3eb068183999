"""Orders with their lines and refunds."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import places
from app.core.clock import now
from app.core.events import Event
from app.inbox import service as inbox
from app.inbox.model import Webhook
from app.journal import queries as journal
from app.journal.service import record
from app.mirror import queries, rules, subscriptions
from app.mirror.events import (
    AddressChanged,
    OrderCancelled,
    OrderEnriched,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    SubscriptionOrdered,
)
from app.mirror.model import Customer, Order, OrderLine
from app.mirror.service import fields, rows
from app.mirror.service.customers import keep_customer
from app.mirror.service.fulfillments import keep_fulfillment
from app.shopify import payloads
from app.shopify.gateway import OrderDetails


class Kept(NamedTuple):
    """What became of an order's payload."""

    order: Order
    new: bool


class _Before(NamedTuple):
    cancelled: bool
    refund: str
    left: dict[int, int]
    token: str | None
    address: dict[str, Any] | None


def apply_order(session: Session, webhook: Webhook, body: bytes) -> None:
    """Every topic whose payload is an order: whichever comes first makes the order known."""
    keep_order(session, payloads.order(body), source=webhook.topic)


def apply_refund(session: Session, webhook: Webhook, body: bytes) -> None:
    """`refunds/create`: says which lines went back; the order's next payload says the rest. Whoever
    reacts to it looks at what is left, so that is put right here and does not wait for it."""
    payload = payloads.refund(body)
    order = rows.order(session, payload.order_id)
    if order is None:
        raise inbox.awaiting(webhook, "order", payload.order_id)
    back: Counter[int] = Counter()
    for part in payload.refund_line_items:
        back[part.line_item_id] += part.quantity
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    before = _state(order, lines)
    order.refunded_at = min(order.refunded_at or payload.created_at, payload.created_at)
    for line in lines:
        # No more can be left than this refund leaves, however often it is told.
        line.said_quantity = min(fields.said(line), line.quantity - back[line.shopify_id])
        line.current_quantity = fields.kept(line)
    left = [(line.quantity, line.current_quantity) for line in lines]
    if rules.refund_of(left, order.financial_status, refunded=True) == "full":
        order.financial_status = "refunded"
    _announce(session, order, lines, before)


def keep_order(
    session: Session, payload: payloads.OrderPayload, *, source: str, announce: bool = True
) -> Kept:
    """Upsert an order and whom and what it names; with `announce`, tell what became true by it.
    Payloads may come twice and in any order."""
    customer = _keep_customer(session, payload, source)
    order, new = _row(session, payload, customer)
    lines = list(session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)))
    before = _state(order, lines)
    _keep_way_of_paying(order, payload)
    if new or _is_newer(order, payload):
        _fill(order, payload, customer)
        lines = _keep_lines(session, order, payload, lines)
    for refund in payload.refunds:
        order.refunded_at = min(order.refunded_at or refund.created_at, refund.created_at)
    session.flush()
    if new:
        _count_orders(session, order, payload)
    if announce:
        if new:
            record(session, _about(OrderPlaced, order, order.placed_at, first=order.nth == 1))
        _announce(session, order, lines, before)
    for fulfillment in payload.fulfillments:
        keep_fulfillment(session, order, fulfillment, announce=announce)
    if new:
        inbox.arrived(session, "order", order.shopify_id)
    return Kept(order, new)


def enrich(session: Session, shopify_id: int, found: OrderDetails) -> None:
    """Add what webhooks lack; announces `OrderEnriched` when the checkout becomes known."""
    order = rows.order(session, shopify_id)
    if order is None:
        return
    if order.redacted_at is None:
        order.status_url = order.status_url or found.status_url
        order.confirmation_number = order.confirmation_number or found.confirmation_number
    order.locale = order.locale or found.locale
    buyer = queries.customer(session, order.customer_id)
    if buyer is not None and buyer.redacted_at is None and found.customer_tags is not None:
        buyer.tags = found.customer_tags
    _keep_plans(session, order, found)
    if found.checkout_token and not order.checkout_token:
        order.checkout_token = found.checkout_token
        record(
            session,
            _about(OrderEnriched, order, now(session), checkout_token=found.checkout_token),
        )


def _keep_plans(session: Session, order: Order, found: OrderDetails) -> None:
    lines = queries.order_lines(session, order.id)
    for line in lines:
        if plan := found.plans.get(line.shopify_id):
            for name, value in fields.of_plan(plan).items():
                setattr(line, name, value)
    told = journal.happened(session, SubscriptionOrdered.__name__, order.id)
    if any(map(subscriptions.subscribed, lines)) and not told:
        record(session, _about(SubscriptionOrdered, order, now(session)))


def move(session: Session, order_id: int, address: dict[str, Any]) -> None:
    """The order goes to this address, as Shopify has just told us in answer to a change; its
    webhook will say so again."""
    order = queries.order(session, order_id)
    if order.redacted_at is None:
        order.shipping_address = address


# --- the row ------------------------------------------------------------------------------------


def _row(
    session: Session, payload: payloads.OrderPayload, customer: Customer | None
) -> tuple[Order, bool]:
    """The locked row, and whether this payload made it."""
    found = rows.order(session, payload.id)
    if found is not None:
        return found, False
    made = session.execute(
        insert(Order)
        .values(
            shop_id=session.info["shop_id"],
            shopify_id=payload.id,
            name=payload.name,
            currency=payload.currency,
            customer_id=customer and customer.id,
            placed_at=payload.processed_at or payload.created_at,
            **fields.EMPTY_ORDER,
        )
        .on_conflict_do_nothing()
        .returning(Order.id)
    ).scalar_one_or_none()
    order = rows.order(session, payload.id)
    assert order is not None, "inserted or locked by another"  # noqa: S101  # for the type checker
    return order, made is not None


def _is_newer(order: Order, payload: payloads.OrderPayload) -> bool:
    return rules.newer(
        payload.updated_at,
        rules.order_progress(
            payload.financial_status, payload.fulfillment_status, payload.cancelled_at
        ),
        order.source_updated_at,
        rules.order_progress(order.financial_status, order.fulfillment_status, order.cancelled_at),
    )


def _fill(order: Order, payload: payloads.OrderPayload, customer: Customer | None) -> None:
    values = fields.of_order(payload)
    if order.redacted_at is None:
        values |= fields.personal_of_order(payload)
    values["financial_status"] = rules.merged_financial(
        order.financial_status if order.source_updated_at else None, payload.financial_status
    )
    values["cancelled_at"] = order.cancelled_at or payload.cancelled_at
    values["checkout_token"] = order.checkout_token or payload.checkout_token
    if customer is not None:
        values["customer_id"] = customer.id
    for name, value in values.items():
        setattr(order, name, value)


def _keep_way_of_paying(order: Order, payload: payloads.OrderPayload) -> None:
    """What any payload of an order tells of how it is paid, however late it comes."""
    at_the_door = rules.is_paid_on_delivery(payload.payment_gateway_names)
    order.paid_on_delivery = order.paid_on_delivery or at_the_door
    waits = payload.financial_status in rules.AWAITING and not order.paid_on_delivery
    order.awaited_payment = order.awaited_payment or waits


def _keep_lines(
    session: Session, order: Order, payload: payloads.OrderPayload, known: list[OrderLine]
) -> list[OrderLine]:
    rows = {line.shopify_id: line for line in known}
    for said in payload.line_items:
        row = rows.get(said.id)
        if row is None:
            row = rows[said.id] = OrderLine(
                shop_id=order.shop_id, order_id=order.id, shopify_id=said.id
            )
            session.add(row)
        values = fields.of_line(said, payload.currency)
        if order.refunded_at and payload.updated_at < order.refunded_at and row.id:
            # What was said before the refund does not bring back what went.
            values["said_quantity"] = min(values["said_quantity"], fields.said(row))
        for name, value in values.items():
            setattr(row, name, value)
        row.attributes = {} if order.redacted_at else fields.named(said.properties)
        row.current_quantity = fields.kept(row)
    said_ids = {said.id for said in payload.line_items}
    for gone in (row for number, row in rows.items() if number not in said_ids):
        gone.said_quantity = gone.current_quantity = 0
    return list(rows.values())


def _keep_customer(
    session: Session, payload: payloads.OrderPayload, source: str
) -> Customer | None:
    said = payload.customer
    if said is None:
        return None
    consent = said.email_marketing_consent
    if consent is None and payload.buyer_accepts_marketing:
        consent = payloads.Consent(state="subscribed", consent_updated_at=payload.created_at)
    address = payload.shipping_address or payload.billing_address
    return keep_customer(
        session,
        fields.with_consent(said, consent),
        said.updated_at or payload.updated_at,
        source=source,
        locale=payload.customer_locale,
        country=address.country_code if address else None,
    )


def _count_orders(session: Session, order: Order, payload: payloads.OrderPayload) -> None:
    """Number the customer's orders by when they were placed. Shopify's own count knows those from
    before we were installed, but says something about the newest order only."""
    if order.customer_id is None:
        return
    ranks = (
        select(
            Order.id,
            func.row_number().over(order_by=(Order.placed_at, Order.shopify_id)).label("rank"),
            func.count().over().label("all"),
        )
        .where(Order.customer_id == order.customer_id)
        .subquery()
    )
    rank, known = session.execute(
        select(ranks.c.rank, ranks.c.all).where(ranks.c.id == order.id)
    ).one()
    told = payload.customer.orders_count if payload.customer else None
    if rank == known:
        order.nth = max(rank, told or 0)
        return
    order.nth = rank
    session.flush()
    session.execute(
        update(Order)
        .where(Order.id == ranks.c.id, Order.id != order.id, Order.nth < ranks.c.rank)
        .values(nth=ranks.c.rank)
        .execution_options(synchronize_session=False)
    )


# --- what became true ---------------------------------------------------------------------------


def _state(order: Order, lines: Any) -> _Before:
    quantities = [(line.quantity, line.current_quantity) for line in lines]
    refund = rules.refund_of(
        quantities, order.financial_status, refunded=order.refunded_at is not None
    )
    left = {line.shopify_id: line.current_quantity for line in lines}
    return _Before(
        order.cancelled_at is not None, refund, left, order.checkout_token, order.shipping_address
    )


def _announce(session: Session, order: Order, lines: Any, before: _Before) -> None:
    """Announce what this payload made true, each fact once an order; a refund in part as often as
    something more went back."""
    after = _state(order, lines)
    moment = order.source_updated_at or now(session)
    if after.token and after.token != before.token:
        record(session, _about(OrderEnriched, order, moment, checkout_token=after.token))
    if order.financial_status in rules.PAID and not journal.happened(
        session, OrderPaid.__name__, order.id
    ):
        record(session, _about(OrderPaid, order, moment))
    if before.address and after.address != before.address:
        moved = not places.same(after.address, before.address)
        record(session, _about(AddressChanged, order, moment, moved=moved))
    if after.cancelled and not before.cancelled:
        record(session, _about(OrderCancelled, order, order.cancelled_at))
    more = any(after.left.get(line, 0) < left for line, left in before.left.items())
    news = after.refund != before.refund or more
    if news and after.refund != "none" and before.refund != "full":
        record(session, _about(OrderRefunded, order, moment, full=after.refund == "full"))


def _about(event: type[Event], order: Order, moment: Any, **values: Any) -> Event:
    return event(occurred_at=moment, order_id=order.id, customer_id=order.customer_id, **values)
