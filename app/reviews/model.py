"""Tables of the reviews room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Review(ShopRow, Base):
    """One review of one bought line. `incentive` is what was promised for any rating, if anything
    was (RV-4); `evidence` keeps the request it answers (RV-10)."""

    __tablename__ = "reviews"
    order_id: Mapped[int] = mapped_column(BigInteger)
    line_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    product_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    stars: Mapped[int]
    title: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(default="")
    display_name: Mapped[str] = mapped_column(String(80), default="")
    locale: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16), default="pending")
    incentive: Mapped[str | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    submitted_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        UniqueConstraint("shop_id", "line_id"),
        Index(None, "shop_id", "order_id"),
    )
