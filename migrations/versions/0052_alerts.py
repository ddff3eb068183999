"""Messages: what the merchant was written to about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "merchant_alerts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_merchant_alerts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_merchant_alerts")),
        sa.UniqueConstraint(
            "shop_id", "cause", "since", name=op.f("uq_merchant_alerts_shop_id_cause_since")
        ),
    )
    tenant_table("merchant_alerts")


def downgrade() -> None:
    op.drop_table("merchant_alerts")
