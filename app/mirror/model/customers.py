"""Customers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Computed, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Customer(ShopRow, Base):
    """A customer as Shopify knows them. `marketing_state` is Shopify's e-mail consent:
    `subscribed`, `not_subscribed`, `pending`, `unsubscribed`, `redacted`, `invalid`; `sms_state`
    is the same for SMS. `email_key` is what guest orders of the same person are found by; the
    database keeps it."""

    __tablename__ = "customers"
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(Computed("lower(email)", persisted=True))
    phone: Mapped[str | None]
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str | None] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(2))
    tags: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    marketing_state: Mapped[str] = mapped_column(String(16), default="not_subscribed")
    marketing_updated_at: Mapped[datetime | None]
    sms_state: Mapped[str] = mapped_column(
        String(16), default="not_subscribed", server_default="not_subscribed"
    )
    sms_updated_at: Mapped[datetime | None]
    source_updated_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "email"),
        Index(None, "shop_id", "email_key"),
    )
