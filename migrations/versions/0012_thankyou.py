"""Thankyou: its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "offer_grants",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("checkout_token", sa.String(length=64), nullable=False),
        sa.Column("variant_shopify_id", sa.BigInteger(), nullable=True),
        sa.Column("code_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column(
            "shown_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_order_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_offer_grants_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_offer_grants")),
        sa.UniqueConstraint(
            "shop_id", "checkout_token", name=op.f("uq_offer_grants_shop_id_checkout_token")
        ),
    )
    op.create_table(
        "thank_you_visits",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("checkout_token", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("order_shopify_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_thank_you_visits_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_thank_you_visits")),
        sa.UniqueConstraint(
            "shop_id", "checkout_token", name=op.f("uq_thank_you_visits_shop_id_checkout_token")
        ),
    )
    op.create_index(
        op.f("ix_thank_you_visits_shop_id_order_id"),
        "thank_you_visits",
        ["shop_id", "order_id"],
        unique=False,
    )
    tenant_table("offer_grants")
    tenant_table("thank_you_visits")


def downgrade() -> None:
    op.drop_table("thank_you_visits")
    op.drop_table("offer_grants")
