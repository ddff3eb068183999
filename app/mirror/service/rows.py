"""Rows to write to: found by Shopify's number and locked for the rest of the unit of work.

Locks are taken in one order everywhere: customer, order, fulfillment or return.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.mirror.model import Customer, Fulfillment, Order, Product, Return


def customer(session: Session, shopify_id: int) -> Customer:
    """The customer's row, made when new."""
    session.execute(
        insert(Customer)
        .values(
            shop_id=session.info["shop_id"],
            shopify_id=shopify_id,
            first_name="",
            last_name="",
            marketing_state="not_subscribed",
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(Customer).where(Customer.shopify_id == shopify_id).with_for_update()
    ).one()


def order(session: Session, shopify_id: int) -> Order | None:
    """The order's row; None while no payload of it has come."""
    return session.scalars(
        select(Order).where(Order.shopify_id == shopify_id).with_for_update()
    ).one_or_none()


def fulfillment(session: Session, shopify_id: int) -> Fulfillment | None:
    """The fulfillment's row; None while no payload of it has come."""
    return session.scalars(
        select(Fulfillment).where(Fulfillment.shopify_id == shopify_id).with_for_update()
    ).one_or_none()


def returned(session: Session, shopify_id: int) -> Return | None:
    """The return's row; None while nobody has told of it."""
    return session.scalars(
        select(Return).where(Return.shopify_id == shopify_id).with_for_update()
    ).one_or_none()


def product(session: Session, shopify_id: int) -> Product:
    """The product's row, made when new."""
    session.execute(
        insert(Product)
        .values(
            shop_id=session.info["shop_id"],
            shopify_id=shopify_id,
            title="",
            handle="",
            product_type="",
            tags=[],
            status="active",
            kind="standard",
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(Product).where(Product.shopify_id == shopify_id).with_for_update()
    ).one()
