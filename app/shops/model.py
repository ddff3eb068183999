"""Tables of the shops room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Shop(Base):
    """One store: its row is its primary key, so that row-level security covers it too.

    `settings` holds what the merchant edits (see `shops.settings.ShopSettings`), typed and
    validated on the way in and out.
    """

    __tablename__ = "shops"
    shop_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tenants.shop_id", ondelete="CASCADE"), primary_key=True
    )
    domain: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(default="")
    storefront_url: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str | None]
    currency: Mapped[str] = mapped_column(String(3), default="JPY")
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Tokyo")
    country: Mapped[str | None] = mapped_column(String(2))
    locale: Mapped[str] = mapped_column(String(2), default="ja")
    #: Learnt from signed proxy requests; merchants can change it.
    proxy_prefix: Mapped[str | None]
    scopes: Mapped[str] = mapped_column(default="")
    access_token: Mapped[str | None]
    access_token_expires: Mapped[datetime | None]
    refresh_token: Mapped[str | None]
    refresh_token_expires: Mapped[datetime | None]
    installed_at: Mapped[datetime | None]
    uninstalled_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)


class StaffMember(Base):
    """Somebody who opens our pages in the admin, by Shopify's number: the name that stands beside
    what they did, and the language of their admin. Gone with the shop."""

    __tablename__ = "staff_members"
    shop_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tenants.shop_id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: Empty until Shopify has said it.
    name: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(16), default="")
    #: When Shopify last said who this is, in machine time.
    seen_at: Mapped[datetime | None]
    #: Before this moment, in machine time, Shopify is not asked again.
    ask_after: Mapped[datetime]
