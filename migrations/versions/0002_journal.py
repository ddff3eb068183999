"""Journal: its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import queue_table, tenant_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_journal_entries_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_journal_entries")),
    )
    op.create_index(
        op.f("ix_journal_entries_shop_id_customer_id"),
        "journal_entries",
        ["shop_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_entries_shop_id_kind_occurred_at"),
        "journal_entries",
        ["shop_id", "kind", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_entries_shop_id_order_id"),
        "journal_entries",
        ["shop_id", "order_id"],
        unique=False,
    )
    op.create_table(
        "journal_deliveries",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("listener", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "entry_id"],
            ["journal_entries.shop_id", "journal_entries.id"],
            name=op.f("fk_journal_deliveries_shop_id_entry_id_journal_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_journal_deliveries_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_journal_deliveries")),
        sa.UniqueConstraint(
            "shop_id",
            "entry_id",
            "listener",
            name=op.f("uq_journal_deliveries_shop_id_entry_id_listener"),
        ),
    )
    op.create_index(
        "ix_journal_deliveries_due",
        "journal_deliveries",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_journal_deliveries_lease",
        "journal_deliveries",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    tenant_table("journal_entries")
    queue_table("journal_deliveries")


def downgrade() -> None:
    op.drop_table("journal_deliveries")
    op.drop_table("journal_entries")
