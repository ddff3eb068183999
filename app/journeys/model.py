"""Tables of the journeys room. Definitions are data: presets ship as files in `presets/`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class JourneySwitch(ShopRow, Base):
    """Whether a journey is on in this shop, and since when: nothing is ever sent for an order
    placed before `switched_on_at`."""

    __tablename__ = "journey_switches"
    journey: Mapped[str] = mapped_column(String(48))
    switched_on_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("shop_id", "journey"),)


class JourneyRun(ShopRow, Claimable, Base):
    """One subject's way through one journey. `subject` is `order:7`, `parcel:3`, `line:9` or
    `customer:4:product:8`. `due_at` is when the next step falls due, NULL while it waits for an
    event. `steps` records what became of each step: `{step: {at, outcome, message_id}}`."""

    __tablename__ = "journey_runs"
    journey: Mapped[str] = mapped_column(String(48))
    version: Mapped[int] = mapped_column(default=1)
    subject: Mapped[str] = mapped_column(String(96))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_ids: Mapped[dict[str, Any]] = mapped_column(default=dict)
    steps: Mapped[dict[str, Any]] = mapped_column(default=dict)
    entered_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("shop_id", "journey", "subject"),
        *queue_indexes("journey_runs"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "customer_id"),
    )
