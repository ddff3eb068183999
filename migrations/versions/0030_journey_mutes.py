"""Journeys: people who are left in peace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "journey_mutes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("journey", sa.String(length=48), nullable=False),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("muted_by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_journey_mutes_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_journey_mutes")),
        sa.UniqueConstraint(
            "shop_id",
            "customer_id",
            "journey",
            name=op.f("uq_journey_mutes_shop_id_customer_id_journey"),
        ),
    )
    tenant_table("journey_mutes")


def downgrade() -> None:
    op.drop_table("journey_mutes")
