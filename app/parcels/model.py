"""Tables of the parcels room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class Parcel(ShopRow, Base):
    """One parcel's state as a shopper understands it: `shipped`, `in_transit`,
    `out_for_delivery`, `attempted`, `pickup`, `exception`, `delivered`, `returned`.
    `inferred` marks a state that nobody scanned (shown as 推定). `trouble` says why it is late:
    `carrier` (it said so), `stalled` or `overdue` (we noticed, at `trouble_at`)."""

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
    trouble: Mapped[str | None] = mapped_column(String(16))
    trouble_at: Mapped[datetime | None]
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
    """When a parcel whose carrier says nothing more is late, and when it is taken as delivered. One
    a parcel; NULL for `due_at` while neither is to be expected."""

    __tablename__ = "parcel_watches"
    parcel_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "parcel_id"),
        *queue_indexes("parcel_watches"),
    )


class ParcelExpectation(ShopRow, Base):
    """What was promised, and when: append-only, so that a page can say what changed. Of an order
    while `parcel_id` is NULL, else of one of its parcels. `reason` is one of `lanes.REASONS`."""

    __tablename__ = "parcel_expectations"
    order_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)
    first: Mapped[date]
    last: Mapped[date]
    reason: Mapped[str] = mapped_column(String(16))
    said_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        Index(None, "shop_id", "order_id"),
    )


class ParcelLane(ShopRow, Base):
    """What a shop's own parcels taught: how many took how many days (`{"2": 14}`).
    `days` are calendar days on the way; an empty `carrier` stands for all, `region` is a country or
    `country/prefecture`."""

    __tablename__ = "parcel_lanes"
    carrier: Mapped[str] = mapped_column(String(48), default="")
    region: Mapped[str] = mapped_column(String(64))
    days: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("shop_id", "carrier", "region"),)


class ParcelProvider(ShopRow, Base):
    """The shop's account at AfterShip, which follows its parcels; key and secret are sealed."""

    __tablename__ = "parcel_providers"
    api_key: Mapped[str]
    hook_secret: Mapped[str]
    connected_at: Mapped[datetime]
    connected_by: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("shop_id"),)


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
