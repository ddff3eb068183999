"""Tables of the inbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class Webhook(ShopRow, Claimable, Base):
    """One delivery, its raw body compressed with zlib. `source` is `shopify`, later others."""

    __tablename__ = "webhooks"
    source: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(64))
    webhook_id: Mapped[str] = mapped_column(String(128))
    event_id: Mapped[str | None] = mapped_column(String(128))
    triggered_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    body: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        UniqueConstraint("shop_id", "source", "webhook_id"),
        Index(
            "ix_webhooks_waiting",
            "shop_id",
            "error",
            postgresql_where=text("error LIKE 'waits for %'"),
        ),
        *queue_indexes("webhooks"),
    )


class StrayWebhook(Base):
    """A genuine webhook of a shop we do not know. Only the host's command sees these."""

    __tablename__ = "stray_webhooks"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    domain: Mapped[str] = mapped_column(String(255))
    topic: Mapped[str] = mapped_column(String(64))
    webhook_id: Mapped[str] = mapped_column(String(128), unique=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    body: Mapped[bytes] = mapped_column(LargeBinary)
