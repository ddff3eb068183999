"""The people who work in a shop's admin have names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.create_table(
        "staff_members",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_after", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "user_id", name=op.f("pk_staff_members")),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_staff_members_shop_id_tenants"),
            ondelete="CASCADE",
        ),
    )
    tenant_table("staff_members")


def downgrade() -> None:
    op.drop_table("staff_members")
