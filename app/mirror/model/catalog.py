"""Products and variants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Product(ShopRow, Base):
    """A product. `kind` is how it is used: our guess (see `mirror.rules.guess_kind`, with
    `kind_reason` saying what it rests on) until somebody of the staff confirms one, which no guess
    overwrites. `collections` are the handles of those it was in when the catalogue was last read.
    """

    __tablename__ = "products"
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str]
    handle: Mapped[str] = mapped_column(default="")
    product_type: Mapped[str] = mapped_column(default="")
    vendor: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    collections: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(16), default="active")
    image_url: Mapped[str | None]
    kind: Mapped[str] = mapped_column(String(16), default="standard")
    kind_reason: Mapped[str] = mapped_column(String(80), default="")
    kind_confirmed_at: Mapped[datetime | None]
    kind_confirmed_by: Mapped[str | None] = mapped_column(String(64))
    source_updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "product_type"),
        Index(None, "shop_id", "vendor"),
    )


class Variant(ShopRow, Base):
    """A variant; `price_minor` is in the shop's currency, as is `cost_minor`, what one costs the
    shop (None where the merchant never told Shopify)."""

    __tablename__ = "variants"
    product_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(default="")
    sku: Mapped[str] = mapped_column(default="")
    price_minor: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    inventory: Mapped[int | None]
    available: Mapped[bool] = mapped_column(default=True)
    requires_shipping: Mapped[bool] = mapped_column(default=True)
    image_url: Mapped[str | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "product_id"], ["products.shop_id", "products.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "product_id"),
    )
