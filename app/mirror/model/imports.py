"""How far our copy of the store's orders reaches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class OrderImport(ShopRow, Base):
    """One a shop. The past: orders placed from `since` until `until`, the newest first, read up to
    `cursor` (Shopify's), `found` so far, finished at `finished_at`. The present: every change of
    an order up to `seen_at` (Shopify's `updated_at`) is in our copy."""

    __tablename__ = "order_imports"
    since: Mapped[datetime]
    until: Mapped[datetime]
    cursor: Mapped[str | None]
    found: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("shop_id"),)
