"""Consent: what has to wait for a person, and where they are reached beside e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import queue_table, tenant_table, watch_queues

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "channel_addresses",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address_sealed", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "linked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_channel_addresses_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_channel_addresses")),
        sa.UniqueConstraint(
            "shop_id",
            "customer_id",
            "channel",
            name=op.f("uq_channel_addresses_shop_id_customer_id_channel"),
        ),
    )
    op.create_index(
        op.f("ix_channel_addresses_shop_id_channel_address_hash"),
        "channel_addresses",
        ["shop_id", "channel", "address_hash"],
        unique=False,
    )
    op.create_table(
        "consent_holds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
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
            name=op.f("fk_consent_holds_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_holds")),
    )
    op.create_index(
        "ix_consent_holds_due",
        "consent_holds",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_consent_holds_lease",
        "consent_holds",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        op.f("ix_consent_holds_shop_id_customer_id"),
        "consent_holds",
        ["shop_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_consent_holds_shop_id_order_id"),
        "consent_holds",
        ["shop_id", "order_id"],
        unique=False,
    )
    queue_table("consent_holds")
    tenant_table("channel_addresses")
    watch_queues()


def downgrade() -> None:
    op.drop_table("consent_holds")
    op.drop_table("channel_addresses")
    watch_queues()
