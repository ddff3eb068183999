"""Inserts: tags for the warehouse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import tenant_table

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_table(
        "insert_taggings",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("switched_by", sa.String(length=64), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_insert_taggings_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_insert_taggings")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_insert_taggings_shop_id")),
    )
    op.create_table(
        "insert_tags",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted", JSONB(), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_insert_tags_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_insert_tags_shop_id_order_id_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_insert_tags")),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_insert_tags_shop_id_order_id")),
    )
    tenant_table("insert_taggings")
    tenant_table("insert_tags")


def downgrade() -> None:
    op.drop_table("insert_tags")
    op.drop_table("insert_taggings")
