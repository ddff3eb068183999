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


class DryRun(ShopRow, Claimable, Base):
    """Journeys switched on in imagination over a span of the past: asked for by a member of staff
    (Shopify's number), walked person by person in slices, counted in `result` (see `tally`).
    `done` of `total` people are walked; `orders` is how many orders that covers."""

    __tablename__ = "dry_runs"
    journeys: Mapped[list[str]] = mapped_column(default=list)
    since: Mapped[datetime]
    until: Mapped[datetime]
    asked_by: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    finished_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (*queue_indexes("dry_runs"),)
