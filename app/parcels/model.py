"""Tables of the parcels room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class Parcel(ShopRow, Base):
    """One parcel's state as a shopper understands it: `shipped`, `in_transit`,
    `out_for_delivery`, `attempted`, `pickup`, `exception`, `delivered`, `returned`.
    `inferred` marks a state that nobody scanned (shown as 推定)."""

    __tablename__ = "parcels"
    order_id: Mapped[int] = mapped_column(BigInteger)
    fulfillment_id: Mapped[int] = mapped_column(BigInteger)
    carrier: Mapped[str | None] = mapped_column(String(48))
    tracking_number: Mapped[str | None] = mapped_column(String(64))
    tracking_url: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(24), default="shipped")
    inferred: Mapped[bool] = mapped_column(default=False)
    shipped_at: Mapped[datetime]
    out_for_delivery_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    expected_from: Mapped[date | None]
    expected_to: Mapped[date | None]
    cancelled_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "fulfillment_id"],
            ["fulfillments.shop_id", "fulfillments.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("shop_id", "fulfillment_id"),
        Index(None, "shop_id", "order_id"),
    )


class ParcelWatch(ShopRow, Claimable, Base):
    """When a parcel whose carrier says nothing more is taken as delivered. One a parcel; NULL for
    `due_at` while that is not to be expected."""

    __tablename__ = "parcel_watches"
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "parcel_id"),
        *queue_indexes("parcel_watches"),
    )
