"""The mirror: what variants have cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "variant_prices",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("variant_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_variant_prices_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_variant_prices")),
    )
    op.create_index(
        "uq_variant_prices_now",
        "variant_prices",
        ["shop_id", "variant_shopify_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        op.f("ix_variant_prices_shop_id_variant_shopify_id_since"),
        "variant_prices",
        ["shop_id", "variant_shopify_id", "since"],
    )
    # What is in the copy of the store already has had its price since then at least.
    op.execute(
        "INSERT INTO variant_prices (shop_id, variant_shopify_id, price_minor, currency, since) "
        "SELECT v.shop_id, v.shopify_id, v.price_minor, s.currency, "
        "COALESCE(p.source_updated_at, okaeri_now()) FROM variants v "
        "JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id AND p.deleted_at IS NULL "
        "JOIN shops s ON s.shop_id = v.shop_id"
    )
    tenant_table("variant_prices")


def downgrade() -> None:
    op.drop_table("variant_prices")
