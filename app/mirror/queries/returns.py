"""Reads of returns."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.model import OPEN_RETURNS, Order, OrderLine, Return, ReturnLine
from app.mirror.questions import RETURNS


def return_by_shopify_id(session: Session, shopify_id: int) -> Return | None:
    """The return with Shopify's number."""
    return session.scalars(select(Return).where(Return.shopify_id == shopify_id)).one_or_none()


def returns_of(session: Session, order_id: int) -> list[Return]:
    """An order's returns, oldest first."""
    return [row[0] for row in RETURNS.ask(session, {"order": order_id})]


def return_lines(session: Session, return_id: int) -> list[tuple[OrderLine, int]]:
    """What a return is about: lines of its order, and how many of each."""
    rows = session.execute(
        select(OrderLine, ReturnLine.quantity)
        .join(
            ReturnLine,
            (ReturnLine.shop_id == OrderLine.shop_id)
            & (ReturnLine.line_shopify_id == OrderLine.shopify_id),
        )
        .where(ReturnLine.return_id == return_id)
        .order_by(OrderLine.id, ReturnLine.id)
    )
    return [(line, count) for line, count in rows]


def return_is_open(session: Session, order_id: int) -> bool:
    """Whether somebody still has something to do about a return of an order."""
    return any(one.status in OPEN_RETURNS for one in returns_of(session, order_id))


def orders_with_open_returns(session: Session) -> set[int]:
    """Shopify's numbers of the orders with an open return."""
    return set(
        session.scalars(
            select(Order.shopify_id)
            .join(Return, (Return.shop_id == Order.shop_id) & (Return.order_id == Order.id))
            .where(Return.status.in_(OPEN_RETURNS))
        )
    )
