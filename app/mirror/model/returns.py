"""Returns as Shopify keeps them; there is no other truth about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow

#: The shop or the shopper still has something to do about it.
OPEN_RETURNS = ("requested", "open")
#: What such a return is about goes back, or has gone back.
TAKING_BACK = ("open", "closed")


class Return(ShopRow, Base):
    """One return of an order. `status` is Shopify's ReturnStatus in lower case: `requested`,
    `open` (approved), `closed`, `declined`, `canceled`; what Shopify no longer knows stays as
    `canceled`, so that nothing late brings it back."""

    __tablename__ = "returns"
    order_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    source_updated_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "order_id"),
    )


class ReturnLine(ShopRow, Base):
    """How many of an order's line a return is about. `reason` is Shopify's handle for it."""

    __tablename__ = "return_lines"
    return_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    line_shopify_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(64), default="")
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "return_id"], ["returns.shop_id", "returns.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "return_id", "shopify_id"),
    )
