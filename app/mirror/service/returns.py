"""Returns: what webhooks say of them at once, and what Shopify says when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.inbox import service as inbox
from app.inbox.model import Webhook
from app.journal.service import record
from app.mirror import queries, rules
from app.mirror.events import ReturnMoved, ReturnTold
from app.mirror.model import (
    OPEN_RETURNS,
    TAKING_BACK,
    Order,
    OrderLine,
    Return,
    ReturnLine,
)
from app.mirror.service import fields, rows
from app.shopify import returns as said_of
from app.shopify.returns import FoundReturn, ReturnedLine

#: What a topic says of its return's status; an update says nothing of it, nor does the processing
#: of some of its lines.
STATUS = {
    "returns/request": "requested",
    "returns/approve": "open",
    "returns/reopen": "open",
    "returns/decline": "declined",
    "returns/cancel": "canceled",
    "returns/close": "closed",
}


def apply_return(session: Session, webhook: Webhook, body: bytes) -> None:
    """Every topic of returns. What it says holds at once, as far as it goes; `ReturnTold` has the
    rest asked for."""
    said = said_of.read(body, STATUS.get(webhook.topic, ""))
    known = queries.return_by_shopify_id(session, said.number)
    number = said.order or (queries.order(session, known.order_id).shopify_id if known else None)
    order = rows.order(session, number) if number else None
    if number is not None and order is None:
        raise inbox.awaiting(webhook, "order", number)
    moment = webhook.triggered_at or webhook.received_at
    if order is not None and said.status:
        keep_return(session, order, said, moment)
    record(
        session,
        ReturnTold(
            occurred_at=moment,
            order_id=order.id if order else None,
            customer_id=order.customer_id if order else None,
            number=said.number,
        ),
    )


def keep_returns(
    session: Session, found: Sequence[FoundReturn], order_number: int, asked_at: datetime
) -> None:
    """Keep all returns of an order as Shopify listed them; one of ours that is not among them is
    no return any more. What is about an order we do not know is left."""
    order = rows.order(session, order_number)
    if order is None:
        return
    for one in found:
        keep_return(session, order, one, asked_at)
    listed = {one.number for one in found}
    for known in queries.returns_of(session, order.id):
        if known.shopify_id not in listed:
            forget_return(session, known.shopify_id, asked_at)


def keep_return(session: Session, order: Order, said: FoundReturn, moment: datetime) -> None:
    """Upsert a return of a locked order as of `moment`, and count anew what the order's lines lose
    by its returns. An older word only fills in the lines, where nobody has said them."""
    row = rows.returned(session, said.number)
    before = row.status if row else None
    progress = rules.return_progress
    newer = row is None or rules.newer(
        moment, progress(said.status), row.source_updated_at, progress(row.status)
    )
    if row is None:
        row = Return(shop_id=order.shop_id, order_id=order.id, shopify_id=said.number)
        row.opened_at = said.opened_at or moment
        session.add(row)
    if newer:
        row.status, row.source_updated_at = said.status, moment
        row.closed_at = said.closed_at or (moment if said.status == "closed" else None)
    row.name = said.name or row.name or ""
    row.opened_at = min(row.opened_at, said.opened_at or moment)
    session.flush()
    if said.lines is not None and (newer or not queries.return_lines(session, row.id)):
        _keep_lines(session, row, said.lines)
    _announce(session, order, row, before, moment)


def forget_return(session: Session, number: int, asked_at: datetime) -> None:
    """Shopify knows no return of that number (any more): it takes nothing back."""
    known = queries.return_by_shopify_id(session, number)
    if known is None or known.status not in (*OPEN_RETURNS, *TAKING_BACK):
        return
    order = rows.order(session, queries.order(session, known.order_id).shopify_id)
    if order is not None:
        keep_return(session, order, FoundReturn(number, None, "canceled"), asked_at)


def _keep_lines(session: Session, row: Return, said: Sequence[ReturnedLine]) -> None:
    session.execute(delete(ReturnLine).where(ReturnLine.return_id == row.id))
    session.add_all(
        ReturnLine(
            shop_id=row.shop_id,
            return_id=row.id,
            shopify_id=one.number,
            line_shopify_id=one.line,
            quantity=one.quantity,
            reason=one.reason[:64],
        )
        for one in said
    )
    session.flush()


def _announce(
    session: Session, order: Order, row: Return, before: str | None, moment: datetime
) -> None:
    if _recount(session, order) or row.status != before:
        record(
            session,
            ReturnMoved(
                occurred_at=moment,
                order_id=order.id,
                customer_id=order.customer_id,
                return_id=row.id,
                status=row.status,
                before=before,
            ),
        )


def _recount(session: Session, order: Order) -> bool:
    """Note at each line what goes back of it; answers whether anything is another than before."""
    back = {
        number: int(count)
        for number, count in session.execute(
            select(ReturnLine.line_shopify_id, func.sum(ReturnLine.quantity))
            .join(
                Return, (Return.shop_id == ReturnLine.shop_id) & (Return.id == ReturnLine.return_id)
            )
            .where(Return.order_id == order.id, Return.status.in_(TAKING_BACK))
            .group_by(ReturnLine.line_shopify_id)
        )
    }
    changed = False
    for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)):
        count = min(back.get(line.shopify_id, 0), line.quantity)
        if count != line.returned_quantity:
            if line.said_quantity is None:
                line.said_quantity = line.current_quantity
            line.returned_quantity = count
            line.current_quantity = fields.kept(line)
            changed = True
    session.flush()
    return changed
