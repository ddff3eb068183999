"""Tables of the surprises room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class SurpriseCampaign(ShopRow, Base):
    """What is given, to how many, and for how much. Amounts are minor units of the shop's
    currency. `value_minor` is what the present would cost a customer (the law looks at that),
    `cost_minor` what it costs the shop (the budget looks at that). Each draw takes `winners`
    orders, or `share` percent of them when `winners` is 0. `handover`: `mail` or `box`."""

    __tablename__ = "surprise_campaigns"
    name: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(16))
    gift_ja: Mapped[str] = mapped_column(String(120))
    gift_en: Mapped[str] = mapped_column(String(120))
    handover: Mapped[str] = mapped_column(String(8))
    value_minor: Mapped[int] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    budget_minor: Mapped[int] = mapped_column(BigInteger)
    least_minor: Mapped[int] = mapped_column(BigInteger)
    winners: Mapped[int]
    share: Mapped[int]
    holdout: Mapped[int]
    days: Mapped[int]
    switched_on_at: Mapped[datetime | None]
    switched_by: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class SurpriseDraw(ShopRow, Claimable, Base):
    """One draw. Until it is held only `commitment` (the seed's SHA-256) and the frozen `terms` are
    known; afterwards also the seed, who took part (`entries`, Shopify's order numbers as texts),
    their digest, who was left out to compare with (`held_out`) and who won. Nothing of it changes
    once `drawn_at` is set."""

    __tablename__ = "surprise_draws"
    campaign_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    terms: Mapped[dict[str, Any]]
    sealed_seed: Mapped[str]
    commitment: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str | None] = mapped_column(String(64))
    entries: Mapped[list[str] | None]
    entries_digest: Mapped[str | None] = mapped_column(String(64))
    held_out: Mapped[list[str] | None]
    winners: Mapped[list[str] | None]
    limited_by: Mapped[str | None] = mapped_column(String(16))
    sales_minor: Mapped[int | None] = mapped_column(BigInteger)
    drawn_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "campaign_id"],
            ["surprise_campaigns.shop_id", "surprise_campaigns.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("shop_id", "campaign_id", "number"),
        *queue_indexes("surprise_draws"),
    )


class SurpriseWin(ShopRow, Base):
    """An order that won. One present an order, whatever the campaign; the customer is forgotten
    with the person, the draw stays. Who won free shipping gets a code: it is chosen first, and good
    once Shopify has made it (`discount`, its GID)."""

    __tablename__ = "surprise_wins"
    draw_id: Mapped[int] = mapped_column(BigInteger)
    campaign_id: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger)
    won_at: Mapped[datetime]
    code: Mapped[str | None] = mapped_column(String(32))
    code_ends_at: Mapped[datetime | None]
    discount: Mapped[str | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "draw_id"],
            ["surprise_draws.shop_id", "surprise_draws.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["shop_id", "campaign_id"],
            ["surprise_campaigns.shop_id", "surprise_campaigns.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "order_id"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "won_at"),
    )
