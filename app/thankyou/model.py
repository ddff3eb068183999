"""Tables of the thank-you room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class ThankYouVisit(ShopRow, Base):
    """One checkout whose thank-you page was seen. It exists before the order does on our side and
    is joined to it on the checkout token."""

    __tablename__ = "thank_you_visits"
    checkout_token: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    order_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(2))
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "checkout_token"),
        Index(None, "shop_id", "order_id"),
    )


class OfferGrant(ShopRow, Base):
    """The offer one checkout got: decided once, at the first eligible render. `deadline` never
    moves. When no offer was made, `reason` says why and the rest is empty. `terms` is what was
    shown (title, prices, percent), kept as evidence."""

    __tablename__ = "offer_grants"
    checkout_token: Mapped[str] = mapped_column(String(64))
    variant_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    code_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(64))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shown_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    deadline: Mapped[datetime | None]
    accepted_order_id: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("shop_id", "checkout_token"),)
