"""Journeys: a shop's own versions, tasks for people, and rounds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("journey_runs", sa.Column("definition_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "journey_runs", sa.Column("round", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_table(
        "journey_definitions",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journey", sa.String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=128), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_journey_definitions_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_journey_definitions")),
        sa.UniqueConstraint(
            "shop_id",
            "journey",
            "version",
            name=op.f("uq_journey_definitions_shop_id_journey_version"),
        ),
    )
    op.create_index(
        "uq_journey_definitions_live",
        "journey_definitions",
        ["shop_id", "journey"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "journey_tasks",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("journey", sa.String(length=48), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("text", postgresql.JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_journey_tasks_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_journey_tasks")),
        sa.UniqueConstraint(
            "shop_id", "run_id", "step", name=op.f("uq_journey_tasks_shop_id_run_id_step")
        ),
    )
    for columns in (("state", "due_on"), ("order_id",), ("customer_id",)):
        op.create_index(
            op.f(f"ix_journey_tasks_shop_id_{'_'.join(columns)}"),
            "journey_tasks",
            ["shop_id", *columns],
            unique=False,
        )
    tenant_table("journey_definitions")
    tenant_table("journey_tasks")


def downgrade() -> None:
    op.drop_table("journey_tasks")
    op.drop_table("journey_definitions")
    op.drop_column("journey_runs", "round")
    op.drop_column("journey_runs", "definition_id")
