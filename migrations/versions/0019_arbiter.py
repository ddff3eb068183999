"""Messages: channels to fall back on, what is held and until when, opens and clicks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import queue_table, watch_queues

revision = "0019"
down_revision = "0018"

MOMENTS = ("held_from", "opened_at", "proxy_opened_at", "clicked_at")


def upgrade() -> None:
    op.add_column("messages", sa.Column("journey", sa.String(48)))
    op.add_column("messages", sa.Column("step", sa.String(48)))
    op.add_column(
        "messages",
        sa.Column("fallback", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    for name in MOMENTS:
        op.add_column("messages", sa.Column(name, sa.DateTime(timezone=True)))
    op.create_index("ix_messages_person", "messages", ["shop_id", sa.text("lower(recipient)")])
    op.create_index(
        "ix_messages_held",
        "messages",
        ["shop_id", "customer_id"],
        postgresql_where=sa.text("held_from IS NOT NULL"),
    )
    op.add_column("message_contents", sa.Column("payload", postgresql.JSONB()))
    _signals()


def _signals() -> None:
    op.create_table(
        "message_signals",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("link", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "message_id"],
            ["messages.shop_id", "messages.id"],
            name=op.f("fk_message_signals_shop_id_message_id_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_message_signals_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_message_signals")),
    )
    op.create_index(
        op.f("ix_message_signals_shop_id_message_id"), "message_signals", ["shop_id", "message_id"]
    )
    op.create_index(
        "ix_message_signals_due",
        "message_signals",
        ["lane", "due_at"],
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_message_signals_lease",
        "message_signals",
        ["lease_until"],
        postgresql_where=sa.text("state = 'claimed'"),
    )
    queue_table("message_signals")
    watch_queues()


def downgrade() -> None:
    op.drop_table("message_signals")
    op.drop_column("message_contents", "payload")
    op.drop_index("ix_messages_held", "messages")
    op.drop_index("ix_messages_person", "messages")
    for name in (*MOMENTS, "fallback", "step", "journey"):
        op.drop_column("messages", name)
