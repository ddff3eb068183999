"""Reads of customers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.model import Customer


def customer(session: Session, customer_id: int | None) -> Customer | None:
    """The customer; None for a guest without one, or an id that is not the bound shop's."""
    if customer_id is None:
        return None
    return session.get(Customer, (session.info["shop_id"], customer_id))


def customer_by_shopify_id(session: Session, shopify_id: int) -> Customer | None:
    """The customer with Shopify's number."""
    return session.scalars(select(Customer).where(Customer.shopify_id == shopify_id)).one_or_none()
