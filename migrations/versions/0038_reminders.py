"""Replenishment: the days on which customers want to be reminded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "reminder_wishes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("product_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=False),
        sa.Column("days_per_pack", sa.Float(), nullable=False),
        sa.Column(
            "chosen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_reminder_wishes_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_reminder_wishes")),
        sa.UniqueConstraint("shop_id", "line_id", name=op.f("uq_reminder_wishes_shop_id_line_id")),
    )
    op.create_index(
        op.f("ix_reminder_wishes_shop_id_customer_id_product_shopify_id"),
        "reminder_wishes",
        ["shop_id", "customer_id", "product_shopify_id"],
    )
    tenant_table("reminder_wishes")


def downgrade() -> None:
    op.drop_table("reminder_wishes")
