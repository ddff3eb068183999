"""Tables of the segments room: only what the copy of the store cannot say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class SegmentClick(ShopRow, Base):
    """That a person opens what we send: clicks by a human hand, counted as they are announced.
    Opens are never kept: mail programs open for people."""

    __tablename__ = "segment_clicks"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    clicks: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "customer_id"], ["customers.shop_id", "customers.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "customer_id"),
    )


class SegmentPerson(ShopRow, Base):
    """What a big shop's orders say of a person, kept ready by `segments.rollup`; `customer_id` is
    the record that stands for them. Spans are days between purchases. `products` are Shopify's ids
    of what they ever bought, `regions` where it went, by code and by name."""

    __tablename__ = "segment_people"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    orders: Mapped[int]
    spent: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    spans: Mapped[int]
    mean_span: Mapped[float | None]
    spread: Mapped[float | None]
    prior_days: Mapped[float | None]
    products: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    regions: Mapped[list[str]] = mapped_column(ARRAY(String))
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "customer_id"], ["customers.shop_id", "customers.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "customer_id"),
    )


class SegmentScale(ShopRow, Base):
    """What "often", "recently" and "much" mean in a big shop, measured hourly; a small shop's
    scale is measured whenever somebody asks (see `segments.queries.scale`)."""

    __tablename__ = "segment_scales"
    measured_at: Mapped[datetime]
    people: Mapped[int]
    scale: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("shop_id"),)
