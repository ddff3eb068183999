"""Inbox: its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import host_table, queue_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "stray_webhooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("webhook_id", sa.String(length=128), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stray_webhooks")),
        sa.UniqueConstraint("webhook_id", name=op.f("uq_stray_webhooks_webhook_id")),
    )
    op.create_table(
        "webhooks",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("webhook_id", sa.String(length=128), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=True),
        sa.Column("triggered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
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
            name=op.f("fk_webhooks_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint(
            "shop_id", "source", "webhook_id", name=op.f("uq_webhooks_shop_id_source_webhook_id")
        ),
    )
    op.create_index(
        "ix_webhooks_due",
        "webhooks",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_webhooks_waiting",
        "webhooks",
        ["shop_id", "error"],
        unique=False,
        postgresql_where=sa.text("error LIKE 'waits for %'"),
    )
    op.create_index(
        "ix_webhooks_lease",
        "webhooks",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    host_table("stray_webhooks")
    queue_table("webhooks")
    # The door stores webhooks of every shop before it knows whose they are: it may add, not read.
    op.execute(
        "GRANT INSERT (shop_id, source, topic, webhook_id, event_id, triggered_at, body, state, "
        "due_at, attempts, lane) ON webhooks TO okaeri_dispatch"
    )
    op.execute(
        "GRANT INSERT (source, domain, topic, webhook_id, body) ON stray_webhooks "
        "TO okaeri_dispatch"
    )


def downgrade() -> None:
    op.drop_table("webhooks")
    op.drop_table("stray_webhooks")
