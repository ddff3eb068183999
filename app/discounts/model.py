"""Tables of the discounts room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class DiscountCampaign(ShopRow, Base):
    """Terms that codes are kept ready for: `percent` less on these variants (Shopify's ids, all of
    them bought together when there are several), `timed` when customers are told until when.
    Without `until` for as long as the row stands, else until then. A message's codes are good for
    `days` after they were handed out, on one product or, without it, on everything."""

    __tablename__ = "discount_campaigns"
    name: Mapped[str] = mapped_column(String(96))
    percent: Mapped[int]
    variants: Mapped[list[Any]]
    timed: Mapped[bool]
    until: Mapped[datetime | None]
    days: Mapped[int] = mapped_column(default=0, server_default="0")
    product_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("shop_id", "name"),)


class CoolOff(ShopRow, Base):
    """An order's customer was told that a price ends at `since`: the same product is theirs at
    that price or a better one neither after it nor before `until`, wherever it is offered
    (rules.md TM-2). Who the customer is, the order says."""

    __tablename__ = "discount_cool_offs"
    order_id: Mapped[int] = mapped_column(BigInteger)
    product_shopify_id: Mapped[int] = mapped_column(BigInteger)
    percent: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]
    __table_args__ = (UniqueConstraint("shop_id", "order_id", "product_shopify_id"),)


class DiscountPool(ShopRow, Claimable, Base):
    """One discount at Shopify per campaign and day (a message's: per month), with many single-use
    codes under it. It falls due when it needs tending: to be made,
    to get more codes, to hear whether they have arrived."""

    __tablename__ = "discount_pools"
    campaign: Mapped[str] = mapped_column(String(96))
    day: Mapped[date]
    percent: Mapped[int]
    variants: Mapped[list[Any]]
    product_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    discount_gid: Mapped[str | None] = mapped_column(String(96))
    #: The bulk creation of codes that Shopify is still carrying out.
    creation_gid: Mapped[str | None] = mapped_column(String(96))
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "campaign", "day"),
        *queue_indexes("discount_pools"),
    )


class DiscountCode(ShopRow, Claimable, Base):
    """A code. `state`: making → free → scheduled (handed out, and to be removed at `due_at`: the
    offer's deadline plus the minutes an open checkout may still take) → claimed → done (gone at
    Shopify)."""

    __tablename__ = "discount_codes"
    pool_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(32))
    redeem_code_gid: Mapped[str | None] = mapped_column(String(96))
    issued_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "pool_id"],
            ["discount_pools.shop_id", "discount_pools.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("shop_id", "code"),
        Index(None, "shop_id", "pool_id", "state"),
        *queue_indexes("discount_codes"),
    )
