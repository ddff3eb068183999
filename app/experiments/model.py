"""Tables of the experiments room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class Experiment(ShopRow, Base):
    """One comparison on one page. `state`: draft, running or stopped; at most one a page runs.
    `arms` are `rules.Arm`s, the holdout last. `usual` and `difference` are hundredths of a percent:
    the share of people who order again within `window_days`, and by how much more is worth
    finding. `needed` (people, by arm) is worked out at the start. `result` is frozen when it stops;
    `applied` is the arm that everybody sees since `applied_at`."""

    __tablename__ = "experiments"
    page: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(8))
    arms: Mapped[list[Any]]
    salt: Mapped[str] = mapped_column(String(32))
    window_days: Mapped[int]
    usual: Mapped[int]
    difference: Mapped[int]
    needed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    started_at: Mapped[datetime | None]
    started_by: Mapped[str | None] = mapped_column(String(64))
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None]
    applied: Mapped[str | None] = mapped_column(String(16))
    applied_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_experiments_running",
            "shop_id",
            "page",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "ix_experiments_applied",
            "shop_id",
            "page",
            unique=True,
            postgresql_where=text("applied IS NOT NULL"),
        ),
    )


class ExperimentVisitor(ShopRow, Base):
    """Somebody who takes part: their arm, for good, and the order on whose page they first saw it.
    `subject` is `rules.subject`."""

    __tablename__ = "experiment_visitors"
    experiment_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(64))
    arm: Mapped[str] = mapped_column(String(16))
    order_id: Mapped[int] = mapped_column(BigInteger)
    exposed_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "experiment_id"],
            ["experiments.shop_id", "experiments.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "experiment_id", "subject"),
        Index(None, "shop_id", "experiment_id", "arm", "exposed_at"),
        Index(None, "shop_id", "order_id"),
    )
