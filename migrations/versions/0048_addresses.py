"""Addresses: what looks wrong in orders' addresses, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.create_table(
        "address_cases",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("wanted", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_address_cases_shop_id_order_id_orders"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_address_cases_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_address_cases")),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_address_cases_shop_id_order_id")),
    )
    op.create_index(
        op.f("ix_address_cases_shop_id_state_found_at"),
        "address_cases",
        ["shop_id", "state", "found_at"],
    )
    tenant_table("address_cases")


def downgrade() -> None:
    op.drop_table("address_cases")
