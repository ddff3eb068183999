"""Parcels: what was promised, what a shop's own parcels teach, why one is late; cases of what did
not arrive, and tasks that no journey gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("parcels", sa.Column("trouble", sa.String(length=16), nullable=True))
    op.add_column("parcels", sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True))
    # What is late by now was called so by its carrier.
    op.execute("UPDATE parcels SET trouble = 'carrier' WHERE state = 'exception'")
    _expectations()
    _lanes()
    _cases()
    op.alter_column("journey_tasks", "run_id", existing_type=sa.BigInteger(), nullable=True)
    for table in ("parcel_expectations", "parcel_lanes", "parcel_cases"):
        tenant_table(table)


def downgrade() -> None:
    op.execute("DELETE FROM journey_tasks WHERE run_id IS NULL")
    op.alter_column("journey_tasks", "run_id", existing_type=sa.BigInteger(), nullable=False)
    for table in ("parcel_cases", "parcel_lanes", "parcel_expectations"):
        op.drop_table(table)
    op.drop_column("parcels", "trouble_at")
    op.drop_column("parcels", "trouble")


def _expectations() -> None:
    op.create_table(
        "parcel_expectations",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        _shop("parcel_expectations"),
        _parent("parcel_expectations", "order_id", "orders"),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_parcel_expectations")),
    )
    op.create_index(
        op.f("ix_parcel_expectations_shop_id_order_id"),
        "parcel_expectations",
        ["shop_id", "order_id"],
    )


def _lanes() -> None:
    op.create_table(
        "parcel_lanes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("carrier", sa.String(length=48), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _shop("parcel_lanes"),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_parcel_lanes")),
        sa.UniqueConstraint(
            "shop_id",
            "carrier",
            "region",
            name=op.f("uq_parcel_lanes_shop_id_carrier_region"),
        ),
    )


def _cases() -> None:
    op.create_table(
        "parcel_cases",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=128), nullable=True),
        _shop("parcel_cases"),
        _parent("parcel_cases", "parcel_id", "parcels"),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_parcel_cases")),
    )
    op.create_index(
        "uq_parcel_cases_open",
        "parcel_cases",
        ["shop_id", "parcel_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_parcel_cases_shop_id_order_id"), "parcel_cases", ["shop_id", "order_id"]
    )


def _shop(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id"],
        ["tenants.shop_id"],
        name=op.f(f"fk_{table}_shop_id_tenants"),
        ondelete="CASCADE",
    )


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column],
        [f"{parent}.shop_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_shop_id_{column}_{parent}"),
        ondelete="CASCADE",
    )
