"""Tables of the recommendations room. Products are Shopify's ids."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class RecommendationPair(ShopRow, Base):
    """What is bought with a product (`together`, in one order) or after it (`next`, in the same
    person's next order): counts and the measures of `recommendations.rules.measure`."""

    __tablename__ = "recommendation_pairs"
    relation: Mapped[str] = mapped_column(String(16))
    product_shopify_id: Mapped[int] = mapped_column(BigInteger)
    other_shopify_id: Mapped[int] = mapped_column(BigInteger)
    together: Mapped[int]
    support: Mapped[float]
    confidence: Mapped[float]
    lift: Mapped[float]
    score: Mapped[float]
    learnt_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("shop_id", "relation", "product_shopify_id", "other_shopify_id"),
        Index(None, "shop_id", "product_shopify_id", "score"),
    )


class RecommendationSale(ShopRow, Base):
    """In how many baskets of the last year a product was, as last learnt."""

    __tablename__ = "recommendation_sales"
    product_shopify_id: Mapped[int] = mapped_column(BigInteger)
    baskets: Mapped[int]
    __table_args__ = (UniqueConstraint("shop_id", "product_shopify_id"),)


class RecommendationPick(ShopRow, Base):
    """A merchant's own choice: shown with `product_shopify_id`, or with everything when 0."""

    __tablename__ = "recommendation_picks"
    product_shopify_id: Mapped[int] = mapped_column(BigInteger, default=0)
    picked_shopify_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("shop_id", "product_shopify_id", "picked_shopify_id"),)
