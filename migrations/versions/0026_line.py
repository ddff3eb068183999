"""LINE: the shop's official account, its friends, what they ask, and what was spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0026"
down_revision = "0025"

JSON = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)
NOW = sa.text("okaeri_now()")


def upgrade() -> None:
    _table(
        "line_accounts",
        sa.Column("bot_user_id", sa.String(length=64), nullable=False),
        sa.Column("basic_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("channel_secret", sa.String(), nullable=False),
        sa.Column("channel_token", sa.String(), nullable=False),
        sa.Column("login_channel_id", sa.String(length=32)),
        sa.Column("login_channel_secret", sa.String()),
        sa.Column("menu_id", sa.String(length=64)),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("quota_limit", sa.Integer()),
        sa.Column("quota_used", sa.Integer(), nullable=False),
        sa.Column("quota_read_at", TIME),
        sa.Column("connected_at", TIME, nullable=False),
        sa.Column("connected_by", sa.String(length=64), nullable=False),
        unique=("shop_id",),
    )
    _table(
        "line_friends",
        sa.Column("user_hash", sa.String(length=64), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("left_at", TIME),
        unique=("shop_id", "user_hash"),
    )
    _table(
        "line_nonces",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("order_id", sa.BigInteger()),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        unique=("shop_id", "nonce_hash"),
    )
    _table(
        "line_questions",
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("user_sealed", sa.String(), nullable=False),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("details", JSON, nullable=False),
        sa.Column("reply_token", sa.String(length=128)),
        sa.Column("asked_at", TIME, server_default=NOW, nullable=False),
        sa.Column("answered_at", TIME),
    )
    _table(
        "line_spends",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("journey", sa.String(length=48), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        unique=("shop_id", "month", "journey"),
    )
    for table, column in (
        ("line_nonces", "customer_id"),
        ("line_questions", "customer_id"),
        ("line_questions", "asked_at"),
    ):
        op.create_index(op.f(f"ix_{table}_shop_id_{column}"), table, ["shop_id", column])


def _table(name: str, *columns: sa.Column[object], unique: tuple[str, ...] = ()) -> None:
    own = [sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}"))]
    op.create_table(
        name,
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f(f"fk_{name}_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f(f"pk_{name}")),
        *(own if unique else []),
    )
    tenant_table(name)


def downgrade() -> None:
    for name in ("spends", "questions", "nonces", "friends", "accounts"):
        op.drop_table(f"line_{name}")
