"""Segments and recommendations: their tables, and what they need to know of the copy of the store.

`email_key` is a column of its own and not an index on the expression, for the reason that 0017
gives: row-level security lets the planner use an index only through functions that cannot leak.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0021"
down_revision = "0020"

TABLES = (
    "order_imports", "segment_clicks", "segment_scales", "recommendation_pairs",
    "recommendation_picks",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "kind_confirmed_by", "kind_confirmed_at", "kind_reason", "collections", "vendor",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("products", sa.Column("vendor", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "products",
        sa.Column("collections", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column(
        "products",
        sa.Column("kind_reason", sa.String(length=80), nullable=False, server_default=""),
    )
    op.add_column("products", sa.Column("kind_confirmed_at", sa.DateTime(timezone=True)))
    op.add_column("products", sa.Column("kind_confirmed_by", sa.String(length=64)))
    op.create_index(op.f("ix_variants_shop_id_product_id"), "variants", ["shop_id", "product_id"])
    for table in ("customers", "orders"):
        op.add_column(table, sa.Column("email_key", sa.String(), sa.Computed("lower(email)", True)))
    op.create_index(op.f("ix_customers_shop_id_email_key"), "customers", ["shop_id", "email_key"])
    op.create_index(
        "ix_orders_guest", "orders", ["shop_id", "email_key"],
        postgresql_where=sa.text("customer_id IS NULL"),
    )  # fmt: skip
    op.add_column("orders", sa.Column("current_total_minor", sa.BigInteger(), nullable=True))
    _imports()
    _segments()
    _recommendations()
    for table in TABLES:
        tenant_table(table)


def _table(name: str, *parts: sa.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["shop_id"], ["tenants.shop_id"], name=op.f(f"fk_{name}_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f(f"pk_{name}")),
    )  # fmt: skip


def _imports() -> None:
    _table(
        "order_imports",
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("shop_id", name=op.f("uq_order_imports_shop_id")),
    )


def _segments() -> None:
    _table(
        "segment_clicks",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"], ["customers.shop_id", "customers.id"],
            name=op.f("fk_segment_clicks_shop_id_customer_id_customers"), ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "shop_id", "customer_id", name=op.f("uq_segment_clicks_shop_id_customer_id")
        ),
    )  # fmt: skip
    _table(
        "segment_scales",
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("scale", postgresql.JSONB(), nullable=False),
        sa.UniqueConstraint("shop_id", name=op.f("uq_segment_scales_shop_id")),
    )


def _recommendations() -> None:
    keys = ["shop_id", "relation", "product_shopify_id", "other_shopify_id"]
    _table(
        "recommendation_pairs",
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("product_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("other_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("support", "confidence", "lift", "score")
        ),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(*keys, name=op.f(f"uq_recommendation_pairs_{'_'.join(keys)}")),
    )
    op.create_index(
        op.f("ix_recommendation_pairs_shop_id_product_shopify_id_score"),
        "recommendation_pairs",
        ["shop_id", "product_shopify_id", "score"],
    )
    keys = ["shop_id", "product_shopify_id", "picked_shopify_id"]
    _table(
        "recommendation_picks",
        sa.Column("product_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("picked_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(*keys, name=op.f(f"uq_recommendation_picks_{'_'.join(keys)}")),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("orders", "current_total_minor")
    op.drop_index("ix_orders_guest", table_name="orders")
    op.drop_index(op.f("ix_customers_shop_id_email_key"), table_name="customers")
    for table in ("orders", "customers"):
        op.drop_column(table, "email_key")
    op.drop_index(op.f("ix_variants_shop_id_product_id"), table_name="variants")
    for column in PRODUCT_COLUMNS:
        op.drop_column("products", column)
