"""Discounts: its tables, and the question which shops have no pool for today."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import queue_table

revision = "0007"
down_revision = "0006"

# It looks across shops before one is bound, so it runs with the owner's rights and answers with
# numbers of shops only. A shop that never saved its offer has none: the settings say so themselves.
WITHOUT_POOL = """
CREATE FUNCTION okaeri_shops_without_pool() RETURNS SETOF bigint STABLE LANGUAGE sql
SECURITY DEFINER SET search_path = public AS $$
    SELECT s.shop_id FROM shops AS s
    WHERE s.installed_at IS NOT NULL AND s.uninstalled_at IS NULL AND s.paused_at IS NULL
      AND s.settings #>> '{offer,enabled}' = 'true'
      AND s.settings #>> '{offer,variant_shopify_id}' IS NOT NULL
      AND NOT EXISTS (
        SELECT 1 FROM discount_pools AS p
        WHERE p.shop_id = s.shop_id
          AND p.variant_shopify_id = (s.settings #>> '{offer,variant_shopify_id}')::bigint
          AND p.percent = coalesce(s.settings #>> '{offer,percent}', '10')::integer
          AND p.day = (okaeri_now() AT TIME ZONE s.timezone)::date)
$$
"""


def queue_columns() -> Iterator[sa.Column[object]]:
    yield sa.Column("state", sa.String(length=16), nullable=False)
    for name in ("due_at", "retry_at", "lease_until"):
        yield sa.Column(name, sa.DateTime(timezone=True), nullable=True)
    yield sa.Column("claim_token", sa.Uuid(), nullable=True)
    yield sa.Column("attempts", sa.Integer(), nullable=False)
    yield sa.Column("error", sa.String(), nullable=True)
    yield sa.Column("lane", sa.String(length=16), nullable=False)


def queue_indexes(table: str) -> None:
    op.create_index(
        f"ix_{table}_due",
        table,
        ["lane", "due_at"],
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        f"ix_{table}_lease",
        table,
        ["lease_until"],
        postgresql_where=sa.text("state = 'claimed'"),
    )


def upgrade() -> None:
    op.create_table(
        "discount_pools",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign", sa.String(length=96), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("variant_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("discount_gid", sa.String(length=96), nullable=True),
        sa.Column("creation_gid", sa.String(length=96), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        *queue_columns(),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_discount_pools_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_discount_pools")),
        sa.UniqueConstraint(
            "shop_id", "campaign", "day", name=op.f("uq_discount_pools_shop_id_campaign_day")
        ),
    )
    op.create_table(
        "discount_codes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("redeem_code_gid", sa.String(length=96), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *queue_columns(),
        sa.ForeignKeyConstraint(
            ["shop_id", "pool_id"],
            ["discount_pools.shop_id", "discount_pools.id"],
            name=op.f("fk_discount_codes_shop_id_pool_id_discount_pools"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_discount_codes_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_discount_codes_shop_id_code")),
    )
    op.create_index(
        op.f("ix_discount_codes_shop_id_pool_id_state"),
        "discount_codes",
        ["shop_id", "pool_id", "state"],
        unique=False,
    )
    for table in ("discount_pools", "discount_codes"):
        queue_indexes(table)
        queue_table(table)
    op.execute(WITHOUT_POOL)


def downgrade() -> None:
    op.execute("DROP FUNCTION okaeri_shops_without_pool()")
    op.drop_table("discount_codes")
    op.drop_table("discount_pools")
