"""Tables of the privacy room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class PrivacyRequest(ShopRow, Base):
    """A request to hand out or erase a customer's data, and proof that it was done."""

    __tablename__ = "privacy_requests"
    kind: Mapped[str] = mapped_column(String(24))
    customer_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    completed_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
