"""Tables of the addresses room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow

#: States in which the shop still has an address to look after.
OPEN = ("open", "asked", "person")


class AddressCase(ShopRow, Base):
    """What is odd about one order's address, or was asked of it. `problems` are the codes of
    `addresses.words`. `state`: `open` (odd, and nobody has answered), `kept` (the buyer says it is
    right), `asked` (Shopify is to be told), `done` (it was), `person` (left to the shop's people),
    `refused` (too late), `settled` (right again, whoever did it). `reason` says why of the last
    two but one; `wanted` is the buyer's address and the one they saw, and is forgotten as soon as
    it is written down at Shopify or cannot be."""

    __tablename__ = "address_cases"
    order_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    problems: Mapped[list[str]]
    serious: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    how: Mapped[str] = mapped_column(String(8), default="")
    reason: Mapped[str] = mapped_column(String(32), default="")
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    found_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "order_id"),
        Index(None, "shop_id", "state", "found_at"),
    )
