"""Tables of the replenishment room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class ReminderWish(ShopRow, Base):
    """The day a customer chose for a bought line, and what that says about their use:
    `days_per_pack` is how long one pack lasts them, by their own word."""

    __tablename__ = "reminder_wishes"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[int] = mapped_column(BigInteger)
    line_id: Mapped[int] = mapped_column(BigInteger)
    product_shopify_id: Mapped[int] = mapped_column(BigInteger)
    remind_on: Mapped[date]
    days_per_pack: Mapped[float]
    chosen_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "line_id"),
        Index(None, "shop_id", "customer_id", "product_shopify_id"),
    )
