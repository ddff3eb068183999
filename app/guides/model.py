"""Tables of the guides room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Guide(ShopRow, Base):
    """One text per topic, product type and language. An empty `product_type` is the shop's text
    for everything that has none of its own. `body` is Liquid over plain paragraphs."""

    __tablename__ = "guides"
    topic: Mapped[str] = mapped_column(String(16), default="start", server_default="start")
    product_type: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (UniqueConstraint("shop_id", "topic", "product_type", "locale"),)
