"""What variants have cost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class VariantPrice(ShopRow, Base):
    """A price at which the store sold a variant, from `since` until `until` (None: still), as far
    as we know. Written once; only an end is added later. It outlives its variant: an offer has to
    be proven after the product is gone."""

    __tablename__ = "variant_prices"
    variant_shopify_id: Mapped[int] = mapped_column(BigInteger)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_variant_prices_now",
            "shop_id",
            "variant_shopify_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        Index(None, "shop_id", "variant_shopify_id", "since"),
    )
