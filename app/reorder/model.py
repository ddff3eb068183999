"""Tables of the reorder room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Reorder(ShopRow, Base):
    """One confirmed wish to buy again: what was on the screen (TK-6) and what came of it. `ref` is
    the word that travels in the checkout's attributes and ties the new order to this row."""

    __tablename__ = "reorders"
    ref: Mapped[str] = mapped_column(String(32))
    order_id: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    screen: Mapped[dict[str, Any]]
    confirmed_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    new_order_id: Mapped[int | None] = mapped_column(BigInteger)
    completed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("shop_id", "ref"), Index(None, "shop_id", "order_id"))
