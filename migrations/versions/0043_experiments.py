"""Experiments: what is compared on a page, and who takes part in which arm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tenancy import tenant_table

revision = "0043"
down_revision = "0042"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("arms", JSONB(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("difference", sa.Integer(), nullable=False),
        sa.Column("needed", JSONB(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("okaeri_now()"), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("started_by", sa.String(length=64), nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("stopped_by", sa.String(length=64), nullable=True),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("applied", sa.String(length=16), nullable=True),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_experiments_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_experiments")),
    )
    for name, condition in (("running", "state = 'running'"), ("applied", "applied IS NOT NULL")):
        op.create_index(
            f"ix_experiments_{name}",
            "experiments",
            ["shop_id", "page"],
            unique=True,
            postgresql_where=sa.text(condition),
        )
    tenant_table("experiments")
    op.create_table(
        "experiment_visitors",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("experiment_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("exposed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_experiment_visitors_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "experiment_id"],
            ["experiments.shop_id", "experiments.id"],
            name=op.f("fk_experiment_visitors_shop_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_experiment_visitors_shop_id_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_experiment_visitors")),
        sa.UniqueConstraint(
            "shop_id",
            "experiment_id",
            "subject",
            name=op.f("uq_experiment_visitors_shop_id_experiment_id_subject"),
        ),
    )
    for columns in (["shop_id", "experiment_id", "arm", "exposed_at"], ["shop_id", "order_id"]):
        op.create_index(
            op.f(f"ix_experiment_visitors_{'_'.join(columns)}"), "experiment_visitors", columns
        )
    tenant_table("experiment_visitors")
    op.create_index(
        "ix_thank_you_visits_strangers",
        "thank_you_visits",
        ["shop_id", "first_seen_at"],
        postgresql_where=sa.text("order_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_thank_you_visits_strangers", "thank_you_visits")
    op.drop_table("experiment_visitors")
    op.drop_table("experiments")
