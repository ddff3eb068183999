"""Consent: the words agreed to, confirmations that are waited for, lists brought along; an address
that gets nothing is found by its hash; Shopify's consent to SMS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import queue_table, tenant_table, watch_queues

revision = "0024"
down_revision = "0023"

NEW = (
    "consent_texts",
    "consent_requests",
    "consent_import_parts",
    "consent_import_problems",
)


def upgrade() -> None:
    op.create_table(
        "consent_imports",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("encoding", sa.String(length=16), nullable=False),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("rows_bad", sa.Integer(), nullable=False),
        sa.Column(
            "uploaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_consent_imports_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_imports")),
    )
    op.create_index(
        "ix_consent_imports_due",
        "consent_imports",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_consent_imports_lease",
        "consent_imports",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        op.f("ix_consent_imports_shop_id_uploaded_at"),
        "consent_imports",
        ["shop_id", "uploaded_at"],
        unique=False,
    )
    op.create_table(
        "consent_requests",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=48), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_consent_requests_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_requests")),
    )
    op.create_index(
        op.f("ix_consent_requests_shop_id_customer_id"),
        "consent_requests",
        ["shop_id", "customer_id"],
        unique=False,
    )
    op.create_table(
        "consent_texts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "first_used_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_consent_texts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_texts")),
        sa.UniqueConstraint("shop_id", "hash", name=op.f("uq_consent_texts_shop_id_hash")),
    )
    op.create_table(
        "consent_import_parts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "import_id"],
            ["consent_imports.shop_id", "consent_imports.id"],
            name=op.f("fk_consent_import_parts_shop_id_import_id_consent_imports"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_consent_import_parts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_import_parts")),
        sa.UniqueConstraint(
            "shop_id",
            "import_id",
            "number",
            name=op.f("uq_consent_import_parts_shop_id_import_id_number"),
        ),
    )
    op.create_table(
        "consent_import_problems",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "import_id"],
            ["consent_imports.shop_id", "consent_imports.id"],
            name=op.f("fk_consent_import_problems_shop_id_import_id_consent_imports"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_consent_import_problems_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_consent_import_problems")),
    )
    op.create_index(
        op.f("ix_consent_import_problems_shop_id_import_id_line"),
        "consent_import_problems",
        ["shop_id", "import_id", "line"],
        unique=False,
    )
    op.add_column(
        "customers",
        sa.Column(
            "sms_state", sa.String(length=16), server_default="not_subscribed", nullable=False
        ),
    )
    op.add_column(
        "customers", sa.Column("sms_updated_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("suppressions", sa.Column("address_hash", sa.String(length=64), nullable=True))
    # As `consent.rules.address_hash` has it.
    op.execute(
        "UPDATE suppressions SET address_hash = encode(sha256(convert_to("
        "shop_id || '|' || channel || '|' || address, 'UTF8')), 'hex')"
    )
    op.alter_column("suppressions", "address_hash", nullable=False)
    op.alter_column("suppressions", "address", existing_type=sa.VARCHAR(length=320), nullable=True)
    op.drop_constraint(
        op.f("uq_suppressions_shop_id_channel_address_scope"), "suppressions", type_="unique"
    )
    op.create_unique_constraint(
        op.f("uq_suppressions_shop_id_channel_address_hash_scope"),
        "suppressions",
        ["shop_id", "channel", "address_hash", "scope"],
    )
    queue_table("consent_imports")
    for table in NEW:
        tenant_table(table)
    watch_queues()


def downgrade() -> None:
    op.drop_constraint(
        op.f("uq_suppressions_shop_id_channel_address_hash_scope"), "suppressions", type_="unique"
    )
    # The addresses behind these are not known any more.
    op.execute("DELETE FROM suppressions WHERE address IS NULL")
    op.create_unique_constraint(
        op.f("uq_suppressions_shop_id_channel_address_scope"),
        "suppressions",
        ["shop_id", "channel", "address", "scope"],
    )
    op.alter_column("suppressions", "address", nullable=False)
    op.drop_column("suppressions", "address_hash")
    op.drop_column("customers", "sms_updated_at")
    op.drop_column("customers", "sms_state")
    for table in (*NEW, "consent_imports"):
        op.drop_table(table)
    watch_queues()
