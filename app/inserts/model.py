"""Tables of the inserts room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class InsertCard(ShopRow, Base):
    """A card: for which orders (`words`, the conditions of journeys, all of which must hold), on
    which paper, and its words in Liquid. The first card by `position` whose conditions hold is the
    order's."""

    __tablename__ = "insert_cards"
    name: Mapped[str] = mapped_column(String(80))
    words: Mapped[list[str]]
    size: Mapped[str] = mapped_column(String(8))
    title_ja: Mapped[str] = mapped_column(String(120))
    body_ja: Mapped[str]
    title_en: Mapped[str] = mapped_column(String(120))
    body_en: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool]
    updated_at: Mapped[datetime]


class InsertTagging(ShopRow, Base):
    """Whether orders are tagged for the warehouse: one row a shop that ever asked. `declined_at` is
    when its merchant would not let us, or took the right back."""

    __tablename__ = "insert_taggings"
    wanted: Mapped[bool]
    switched_at: Mapped[datetime]
    switched_by: Mapped[str] = mapped_column(String(64))
    declined_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("shop_id"),)


class InsertTag(ShopRow, Base):
    """The tags an order is to have, and those it has at Shopify by all we know."""

    __tablename__ = "insert_tags"
    order_id: Mapped[int] = mapped_column(BigInteger)
    wanted: Mapped[list[str]]
    said: Mapped[list[str]]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "order_id"),
    )


class InsertPacking(ShopRow, Base):
    """That an order's box is packed: with which card, when and by whom of the staff."""

    __tablename__ = "insert_packings"
    order_id: Mapped[int] = mapped_column(BigInteger)
    card_name: Mapped[str] = mapped_column(String(80))
    packed_at: Mapped[datetime]
    packed_by: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "order_id"),
    )
