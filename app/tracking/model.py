"""Tables of the tracking room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class ParcelCase(ShopRow, Base):
    """A shopper says that a parcel which counts as delivered is not there: `open` until a person
    of the shop closes it, at most one open a parcel. `note` is what the shopper wrote, `task_id`
    what was given to the shop's people."""

    __tablename__ = "parcel_cases"
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8), default="open")
    note: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(128))
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.id"], ondelete="CASCADE"
        ),
        Index(
            "uq_parcel_cases_open",
            "shop_id",
            "parcel_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "shop_id", "order_id"),
    )
