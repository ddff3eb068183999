"""Parcels whose carrier is silent: when they count as delivered. The time machine stops there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import queue_table

revision = "0028"
down_revision = "0027"

BEFORE = ("webhooks", "journal_deliveries", "journey_runs", "messages", "discount_codes")


def upgrade() -> None:
    op.create_table(
        "parcel_watches",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "parcel_id"],
            ["parcels.shop_id", "parcels.id"],
            name=op.f("fk_parcel_watches_shop_id_parcel_id_parcels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_parcel_watches_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_parcel_watches")),
        sa.UniqueConstraint(
            "shop_id", "parcel_id", name=op.f("uq_parcel_watches_shop_id_parcel_id")
        ),
    )
    op.create_index(
        "ix_parcel_watches_due",
        "parcel_watches",
        ["lane", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_index(
        "ix_parcel_watches_lease",
        "parcel_watches",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    queue_table("parcel_watches")
    _look_at((*BEFORE, "parcel_watches"))


def downgrade() -> None:
    _look_at(BEFORE)
    op.drop_table("parcel_watches")


def _look_at(queues: tuple[str, ...]) -> None:
    """Have the time machine's two questions ask these tables."""
    op.execute(
        "CREATE OR REPLACE FUNCTION okaeri_next_due() RETURNS timestamptz STABLE LANGUAGE sql "
        "SECURITY DEFINER SET search_path = public AS "
        f"$$ SELECT min(due) FROM ({' UNION ALL '.join(map(_next, queues))}) AS q $$"
    )
    busy = " UNION ALL ".join(map(_busy, (*queues, "discount_pools")))
    op.execute(
        "CREATE OR REPLACE FUNCTION okaeri_unfinished() RETURNS bigint STABLE LANGUAGE sql "
        "SECURITY DEFINER SET search_path = public AS "
        f"$$ SELECT coalesce(sum(rows), 0)::bigint FROM ({busy}) AS q $$"
    )


def _next(table: str) -> str:
    return (
        f"SELECT min(due_at) AS due FROM {table} WHERE state = 'scheduled'"
        " AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
    )


def _busy(table: str) -> str:
    return (
        f"SELECT count(*) AS rows FROM {table} WHERE state IN ('claimed', 'sending')"
        " OR (state = 'scheduled' AND due_at <= okaeri_now()"
        " AND (retry_at IS NULL OR retry_at <= clock_timestamp()))"
    )
