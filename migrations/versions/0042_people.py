"""A big shop's people kept ready, and what sells, as last learnt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0042"
down_revision = "0041"

TRAITS = ("product_type", "vendor")


def _row(table: str) -> list[sa.schema.SchemaItem]:
    """A tenant's row: its key, and that it goes with its shop."""
    return [
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f(f"fk_{table}_shop_id_tenants"),
            ondelete="CASCADE",
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "segment_people",
        *_row("segment_people"),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spans", sa.Integer(), nullable=False),
        sa.Column("mean_span", sa.Float(), nullable=True),
        sa.Column("spread", sa.Float(), nullable=True),
        sa.Column("prior_days", sa.Float(), nullable=True),
        sa.Column("products", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("regions", sa.ARRAY(sa.String()), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_segment_people_shop_id_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "shop_id", "customer_id", name=op.f("uq_segment_people_shop_id_customer_id")
        ),
    )
    tenant_table("segment_people")
    op.create_table(
        "recommendation_sales",
        *_row("recommendation_sales"),
        sa.Column("product_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("baskets", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "shop_id",
            "product_shopify_id",
            name=op.f("uq_recommendation_sales_shop_id_product_shopify_id"),
        ),
    )
    tenant_table("recommendation_sales")
    for trait in TRAITS:
        op.create_index(op.f(f"ix_products_shop_id_{trait}"), "products", ["shop_id", trait])


def downgrade() -> None:
    for trait in TRAITS:
        op.drop_index(op.f(f"ix_products_shop_id_{trait}"), "products")
    op.drop_table("recommendation_sales")
    op.drop_table("segment_people")
