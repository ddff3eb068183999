"""Birthdays, month and day, as people tell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.create_table(
        "birthdays",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.okaeri_now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_birthdays")),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_birthdays_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_birthdays_shop_id_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "shop_id", "customer_id", name=op.f("uq_birthdays_shop_id_customer_id")
        ),
    )
    tenant_table("birthdays")


def downgrade() -> None:
    op.drop_table("birthdays")
