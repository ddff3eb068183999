"""Orders that no webhook told of: those from before the install, and those that were missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.clock import now
from app.journal.service import record
from app.mirror.events import OrdersImported
from app.mirror.model import Order, OrderImport
from app.mirror.service.orders import keep_order
from app.shopify.payloads import OrderPayload
from app.shops import service as shops

#: How far back is asked for. Without `read_all_orders` Shopify shows the last 60 days of it.
PAST = timedelta(days=90)
#: Shopify's search index lags behind its orders; what changed shortly before is asked for again.
OVERLAP = timedelta(minutes=5)


def begin_import(session: Session) -> OrderImport:
    """The shop's row, made at the first call: the past ends, and the present begins, where the
    app was installed."""
    since = shops.shop(session).installed_at or now(session)
    session.execute(
        insert(OrderImport)
        .values(
            shop_id=session.info["shop_id"],
            since=since - PAST,
            until=since,
            found=0,
            seen_at=since - OVERLAP,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(select(OrderImport).with_for_update()).one()


def keep_past(session: Session, orders: Sequence[OrderPayload], after: str | None) -> None:
    """Keep a page of the past, announcing none of it; `after` is where the next page begins."""
    state = begin_import(session)
    if state.finished_at is not None:
        return
    for payload in orders:
        keep_order(session, payload, source="import", announce=False)
    state.found += len(orders)
    state.cursor = after
    if after is None:
        state.finished_at = now(session)
        record(session, OrdersImported(occurred_at=now(session), count=state.found))


def keep_changed(session: Session, orders: Sequence[OrderPayload]) -> None:
    """Keep a page of changes. What webhooks told of already changes nothing; what they did not is
    announced like theirs, unless it was placed before the install."""
    state, installed_at = begin_import(session), shops.shop(session).installed_at
    known = _known(session, [payload.id for payload in orders])
    for payload in orders:
        if not _stale(payload, known.get(payload.id)):
            continue
        placed_at = payload.processed_at or payload.created_at
        announce = installed_at is not None and placed_at >= installed_at
        keep_order(session, payload, source="reconciliation", announce=announce)
    seen = [payload.updated_at for payload in orders]
    state.seen_at = max([state.seen_at, *seen])
    state.looked_at = now(session)


def _known(session: Session, numbers: Sequence[int]) -> dict[int, Order]:
    found = session.scalars(select(Order).where(Order.shopify_id.in_(numbers)))
    return {order.shopify_id: order for order in found}


def _stale(payload: OrderPayload, order: Order | None) -> bool:
    """Whether what we have of an order is older than the payload, or of the same second."""
    if order is None or order.source_updated_at is None:
        return True
    return order.source_updated_at <= payload.updated_at


def changes_since(state: OrderImport) -> datetime:
    """From when on changes are to be asked for."""
    return state.seen_at - OVERLAP
