"""Tables of the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class JournalEntry(ShopRow, Base):
    """One fact. `kind` is the event's class name, `data` its fields."""

    __tablename__ = "journal_entries"
    kind: Mapped[str] = mapped_column(String(64))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]]
    __table_args__ = (
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "kind", "occurred_at"),
    )


class JournalDelivery(ShopRow, Claimable, Base):
    """One entry on its way to one listener; retried alone. `due_at` is when it was recorded."""

    __tablename__ = "journal_deliveries"
    entry_id: Mapped[int] = mapped_column(BigInteger)
    listener: Mapped[str] = mapped_column(String(80))
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "entry_id"],
            ["journal_entries.shop_id", "journal_entries.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("shop_id", "entry_id", "listener"),
        *queue_indexes("journal_deliveries"),
    )
