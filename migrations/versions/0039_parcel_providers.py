"""Parcels: the account that a shop follows them with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "parcel_providers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("api_key", sa.String(), nullable=False),
        sa.Column("hook_secret", sa.String(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("connected_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_parcel_providers_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_parcel_providers")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_parcel_providers_shop_id")),
    )
    tenant_table("parcel_providers")


def downgrade() -> None:
    op.drop_table("parcel_providers")
