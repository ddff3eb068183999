"""Tables of the guides room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Guide(ShopRow, Base):
    """One text per topic, language and what it is about: one product (Shopify's number), a
    collection (its handle) or a product type; at most one of the three is filled, and with none it
    is the shop's text for everything that has none of its own. `body` is Liquid over plain
    paragraphs."""

    __tablename__ = "guides"
    topic: Mapped[str] = mapped_column(String(16), default="start", server_default="start")
    product_type: Mapped[str] = mapped_column(String(255), default="")
    collection: Mapped[str] = mapped_column(String(255), default="", server_default="")
    product_shopify_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    locale: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str]
    image_url: Mapped[str] = mapped_column(default="", server_default="")
    image_alt: Mapped[str] = mapped_column(String(255), default="", server_default="")
    video_url: Mapped[str] = mapped_column(String(255), default="", server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint(
            "shop_id",
            "topic",
            "product_type",
            "collection",
            "product_shopify_id",
            "locale",
            name="uq_guides_about",
        ),
    )
