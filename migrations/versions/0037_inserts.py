"""Inserts: cards for the box, and what is packed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import tenant_table

revision = "0037"
down_revision = "0036"


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


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "insert_cards",
        *_row("insert_cards"),
        _text("name", 80),
        sa.Column("words", JSONB(), nullable=False),
        _text("size", 8),
        _text("title_ja", 120),
        _text("body_ja"),
        _text("title_en", 120),
        _text("body_en"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    tenant_table("insert_cards")
    op.create_table(
        "insert_packings",
        *_row("insert_packings"),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        _text("card_name", 80),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        _text("packed_by", 64),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_insert_packings_shop_id_order_id_orders"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "shop_id", "order_id", name=op.f("uq_insert_packings_shop_id_order_id")
        ),
    )
    tenant_table("insert_packings")


def downgrade() -> None:
    op.drop_table("insert_packings")
    op.drop_table("insert_cards")
