"""Tables of the journeys room. Definitions are data: presets ship as files in `presets/`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint, func, text
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
    `customer:4:order:7`. `due_at` is when the next step falls due, NULL while it waits for an
    event. `steps` records what became of each step: `{step: {at, outcome, message_id}}`; those of
    the rounds before carry their number (`year#0`). `definition_id` is the shop's own version it
    follows, NULL for the preset that ships."""

    __tablename__ = "journey_runs"
    journey: Mapped[str] = mapped_column(String(48))
    version: Mapped[int] = mapped_column(default=1)
    definition_id: Mapped[int | None] = mapped_column(BigInteger)
    round: Mapped[int] = mapped_column(default=0, server_default="0")
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
    (Shopify's number), cut into parts as soon as it falls due, and then waiting for them. `basis`
    is what was measured of the shop (`histories.Basis`), `result` what was counted (see `tally`);
    `done` of `total` people are walked."""

    __tablename__ = "dry_runs"
    journeys: Mapped[list[str]] = mapped_column(default=list)
    since: Mapped[datetime]
    until: Mapped[datetime]
    asked_by: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    finished_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (*queue_indexes("dry_runs"),)


class DryRunPart(ShopRow, Claimable, Base):
    """Some of a dry run's people, walked in one go: `people` of them, from the `first` to the
    `last` (a customer's id; a guest's is the order's, negative). `due_at` is NULL while enough
    others of the same dry run are due."""

    __tablename__ = "dry_run_parts"
    dry_run_id: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "dry_run_id"], ["dry_runs.shop_id", "dry_runs.id"], ondelete="CASCADE"
        ),
        Index(None, "shop_id", "dry_run_id"),
        *queue_indexes("dry_run_parts"),
    )


class JourneyDefinition(ShopRow, Base):
    """A shop's own version of a journey, as TOML text. `state` is `draft` (may still be wrong),
    `live` (new runs follow it) or `old` (runs on their way may). A draft's `version` is 0."""

    __tablename__ = "journey_definitions"
    journey: Mapped[str] = mapped_column(String(48))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    body: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(128))
    published_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "journey", "version"),
        Index(
            "uq_journey_definitions_live",
            "shop_id",
            "journey",
            unique=True,
            postgresql_where=text("state = 'live'"),
        ),
    )


class JourneyTask(ShopRow, Base):
    """Something a person of the shop is to do for a customer: `open` or `done`. `title` and `text`
    hold both languages; `due_on` is a date of the shop's calendar. `step` is unique a run; a
    task without a run is another room's, which `journey` names."""

    __tablename__ = "journey_tasks"
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    journey: Mapped[str] = mapped_column(String(48))
    step: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[dict[str, Any]]
    text: Mapped[dict[str, Any]]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(8), default="open")
    given_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(128))
    __table_args__ = (
        UniqueConstraint("shop_id", "run_id", "step"),
        Index(None, "shop_id", "state", "due_on"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "customer_id"),
    )


class JourneyMute(ShopRow, Base):
    """A member of staff wants a customer left in peace: by one journey, or by all (`*`)."""

    __tablename__ = "journey_mutes"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    journey: Mapped[str] = mapped_column(String(48))
    muted_at: Mapped[datetime]
    muted_by: Mapped[str] = mapped_column(String(128))
    __table_args__ = (UniqueConstraint("shop_id", "customer_id", "journey"),)
