"""Fulfillments and the carrier's events on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Fulfillment(ShopRow, Base):
    """One parcel as the shop handed it over. `lines` is `[{line_shopify_id, quantity}]`."""

    __tablename__ = "fulfillments"
    order_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(16))
    shipment_status: Mapped[str | None] = mapped_column(String(32))
    company: Mapped[str | None]
    tracking_number: Mapped[str | None]
    tracking_url: Mapped[str | None]
    fulfilled_at: Mapped[datetime]
    lines: Mapped[list[Any]] = mapped_column(default=list)
    source_updated_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "order_id"),
    )


class FulfillmentEvent(ShopRow, Base):
    """A scan: `status` is Shopify's FulfillmentEventStatus in lower case."""

    __tablename__ = "fulfillment_events"
    fulfillment_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(32))
    message: Mapped[str | None]
    city: Mapped[str | None]
    province: Mapped[str | None]
    happened_at: Mapped[datetime]
    estimated_delivery_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "fulfillment_id"],
            ["fulfillments.shop_id", "fulfillments.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "fulfillment_id"),
    )
