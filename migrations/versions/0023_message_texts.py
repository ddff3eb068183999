"""Messages: a shop's own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0023"
down_revision = "0022"

NAME = "message_texts"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("use", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("preheader", sa.String(), nullable=False),
        sa.Column("blocks", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=True),
        sa.Column("overrides", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_message_texts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_message_texts")),
        sa.UniqueConstraint(
            "shop_id",
            "kind",
            "use",
            "locale",
            "version",
            name=op.f("uq_message_texts_shop_id_kind_use_locale_version"),
        ),
    )
    op.create_index(
        "uq_message_texts_current",
        NAME,
        ["shop_id", "kind", "use", "locale", "state"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'published')"),
    )
    tenant_table(NAME)


def downgrade() -> None:
    op.drop_table(NAME)
