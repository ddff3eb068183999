"""Dry runs are cut into parts that several workers walk at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import queue_table, watch_queues

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    op.add_column(
        "dry_runs", sa.Column("basis", postgresql.JSONB(), nullable=False, server_default="{}")
    )
    op.create_table(
        "dry_run_parts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dry_run_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_dry_run_parts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "dry_run_id"],
            ["dry_runs.shop_id", "dry_runs.id"],
            name=op.f("fk_dry_run_parts_shop_id_dry_run_id_dry_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_dry_run_parts")),
    )
    op.create_index(
        op.f("ix_dry_run_parts_shop_id_dry_run_id"),
        "dry_run_parts",
        ["shop_id", "dry_run_id"],
        unique=False,
    )
    op.create_index(
        "ix_dry_run_parts_due",
        "dry_run_parts",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_dry_run_parts_lease",
        "dry_run_parts",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    queue_table("dry_run_parts")
    watch_queues()


def downgrade() -> None:
    op.drop_table("dry_run_parts")
    watch_queues()
    op.drop_column("dry_runs", "basis")
