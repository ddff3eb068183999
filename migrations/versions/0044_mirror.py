"""Mirror: returns, and what of a line they take back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import tenant_table

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("said_quantity", sa.Integer(), nullable=True))
    op.add_column(
        "order_lines",
        sa.Column("returned_quantity", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_table(
        "returns",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_returns_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_returns_shop_id_order_id_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_returns")),
        sa.UniqueConstraint("shop_id", "shopify_id", name=op.f("uq_returns_shop_id_shopify_id")),
    )
    op.create_index(op.f("ix_returns_shop_id_order_id"), "returns", ["shop_id", "order_id"])
    op.create_table(
        "return_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("line_shopify_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_return_lines_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "return_id"],
            ["returns.shop_id", "returns.id"],
            name=op.f("fk_return_lines_shop_id_return_id_returns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_return_lines")),
        sa.UniqueConstraint(
            "shop_id",
            "return_id",
            "shopify_id",
            name=op.f("uq_return_lines_shop_id_return_id_shopify_id"),
        ),
    )
    tenant_table("returns")
    tenant_table("return_lines")


def downgrade() -> None:
    op.drop_table("return_lines")
    op.drop_table("returns")
    op.drop_column("order_lines", "returned_quantity")
    op.drop_column("order_lines", "said_quantity")
