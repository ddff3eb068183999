"""Surprises: campaigns, their draws, and who won."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import queue_table, tenant_table, watch_queues

revision = "0034"
down_revision = "0033"


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _row(table: str) -> list[sa.schema.SchemaItem]:
    """A tenant's row: its key, and that it goes with its shop."""
    return [
        _big("shop_id"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f(f"fk_{table}_shop_id_tenants"),
            ondelete="CASCADE",
        ),
    ]


def _of(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column],
        [f"{parent}.shop_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_shop_id_{column}_{parent}"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "surprise_campaigns",
        *_row("surprise_campaigns"),
        _text("name", 80),
        _text("what", 16),
        _text("gift_ja", 120),
        _text("gift_en", 120),
        _text("handover", 8),
        *map(_big, ("value_minor", "cost_minor", "budget_minor", "least_minor")),
        *map(_number, ("winners", "share", "holdout", "days")),
        _moment("switched_on_at", nullable=True),
        _text("switched_by", 64, nullable=True),
        _moment("created_at"),
    )
    tenant_table("surprise_campaigns")
    _make_draws()
    op.create_table(
        "surprise_wins",
        *_row("surprise_wins"),
        *map(_big, ("draw_id", "campaign_id", "order_id")),
        _big("customer_id", nullable=True),
        _big("cost_minor"),
        _moment("won_at"),
        _of("surprise_wins", "draw_id", "surprise_draws"),
        _of("surprise_wins", "campaign_id", "surprise_campaigns"),
        _of("surprise_wins", "order_id", "orders"),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_surprise_wins_shop_id_order_id")),
    )
    for column in ("customer_id", "won_at"):
        op.create_index(
            op.f(f"ix_surprise_wins_shop_id_{column}"), "surprise_wins", ["shop_id", column]
        )
    tenant_table("surprise_wins")
    watch_queues()


def _make_draws() -> None:
    op.create_table(
        "surprise_draws",
        *_row("surprise_draws"),
        _big("campaign_id"),
        _number("number"),
        _moment("opens_at"),
        _moment("closes_at"),
        sa.Column("terms", JSONB(), nullable=False),
        _text("sealed_seed"),
        _text("commitment", 64),
        _text("seed", 64, nullable=True),
        sa.Column("entries", JSONB(), nullable=True),
        _text("entries_digest", 64, nullable=True),
        sa.Column("held_out", JSONB(), nullable=True),
        sa.Column("winners", JSONB(), nullable=True),
        _text("limited_by", 16, nullable=True),
        _big("sales_minor", nullable=True),
        _moment("drawn_at", nullable=True),
        _text("state", 16),
        *(_moment(name, nullable=True) for name in ("due_at", "retry_at", "lease_until")),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        _number("attempts"),
        _text("error", nullable=True),
        _text("lane", 16),
        _of("surprise_draws", "campaign_id", "surprise_campaigns"),
        sa.UniqueConstraint(
            "shop_id",
            "campaign_id",
            "number",
            name=op.f("uq_surprise_draws_shop_id_campaign_id_number"),
        ),
    )
    op.create_index(
        "ix_surprise_draws_due",
        "surprise_draws",
        ["lane", "due_at"],
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_surprise_draws_lease",
        "surprise_draws",
        ["lease_until"],
        postgresql_where=sa.text("state = 'claimed'"),
    )
    queue_table("surprise_draws")


def downgrade() -> None:
    for name in ("surprise_wins", "surprise_draws", "surprise_campaigns"):
        op.drop_table(name)
    watch_queues()
