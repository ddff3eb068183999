"""Senders: its tables, and the mail servers that shops had named in their settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "delivery_events",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_delivery_events_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_delivery_events")),
        sa.UniqueConstraint(
            "shop_id",
            "provider",
            "event_id",
            name=op.f("uq_delivery_events_shop_id_provider_event_id"),
        ),
    )
    op.create_index(
        op.f("ix_delivery_events_shop_id_address_kind_occurred_at"),
        "delivery_events",
        ["shop_id", "address", "kind", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_delivery_events_shop_id_message_id"),
        "delivery_events",
        ["shop_id", "message_id"],
        unique=False,
    )
    op.create_table(
        "sender_accounts",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("mailbox", sa.String(length=320), nullable=True),
        sa.Column("endpoint", sa.String(), nullable=True),
        sa.Column("shown", sa.String(length=120), nullable=False),
        sa.Column("hook_secret", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_sender_accounts_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_sender_accounts")),
    )
    op.create_index(
        "uq_sender_accounts_active",
        "sender_accounts",
        ["shop_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "sender_domains",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("selector", sa.String(length=63), nullable=False),
        sa.Column("private_key", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warming_since", sa.Date(), nullable=True),
        sa.Column("established", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_sender_domains_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_sender_domains")),
        sa.UniqueConstraint("shop_id", "domain", name=op.f("uq_sender_domains_shop_id_domain")),
    )
    op.create_table(
        "sender_kinds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_sender_kinds_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_sender_kinds")),
        sa.UniqueConstraint("shop_id", "kind", name=op.f("uq_sender_kinds_shop_id_kind")),
    )
    op.create_table(
        "sending_brakes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_sending_brakes_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_sending_brakes")),
    )
    op.create_index(
        "uq_sending_brakes_holding",
        "sending_brakes",
        ["shop_id", "subject", "measure"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "sending_days",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("hard_bounces", sa.Integer(), nullable=False),
        sa.Column("soft_bounces", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.Column("unsubscribes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_sending_days_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_sending_days")),
        sa.UniqueConstraint(
            "shop_id", "day", "epoch", "kind", name=op.f("uq_sending_days_shop_id_day_epoch_kind")
        ),
    )
    for name in (
        "delivery_events",
        "sender_accounts",
        "sender_domains",
        "sender_kinds",
        "sending_brakes",
        "sending_days",
    ):
        tenant_table(name)
    # A shop's own server was two fields of its settings; both are sealed or public, none changes.
    op.execute(
        "INSERT INTO sender_accounts "
        "(shop_id, provider, mailbox, endpoint, shown, state, active_since) "
        "SELECT shop_id, 'smtp', nullif(settings ->> 'sender_email', ''), settings ->> 'smtp_url', "
        "'', 'active', clock_timestamp() FROM shops WHERE settings ->> 'smtp_url' <> ''"
    )


def downgrade() -> None:
    op.drop_table("sending_days")
    op.drop_table("sending_brakes")
    op.drop_table("sender_kinds")
    op.drop_table("sender_domains")
    op.drop_table("sender_accounts")
    op.drop_table("delivery_events")
