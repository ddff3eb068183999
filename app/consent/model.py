"""Tables of the consent room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class ConsentRecord(ShopRow, Base):
    """The ledger: append-only. The newest record of a (customer, channel, topic) counts."""

    __tablename__ = "consent_records"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(32), default="marketing")
    granted: Mapped[bool]
    source: Mapped[str] = mapped_column(String(48))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (Index(None, "shop_id", "customer_id", "channel", "topic", "occurred_at"),)


class Suppression(ShopRow, Base):
    """An address that gets nothing of a class any more. `scope` is `marketing` or `all`."""

    __tablename__ = "suppressions"
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(320))
    scope: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (UniqueConstraint("shop_id", "channel", "address", "scope"),)
