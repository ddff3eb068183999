"""The ground: roles, the clock, the tenants.

Roles belong to the cluster, not to the database, so making them tolerates that they exist. The
host gives `okaeri_app` its password; nobody logs in as `okaeri_dispatch`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROLES = """
DO $$ BEGIN
    BEGIN CREATE ROLE okaeri_app LOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    BEGIN CREATE ROLE okaeri_dispatch NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    BEGIN GRANT okaeri_dispatch TO okaeri_app;
    EXCEPTION WHEN unique_violation THEN NULL; END;
END $$
"""


def upgrade() -> None:
    # Role DDL of databases that start at the same time meets in the cluster's shared catalogue.
    op.execute("SELECT pg_advisory_xact_lock(7305)")
    op.execute(ROLES)
    op.execute("GRANT USAGE ON SCHEMA public TO okaeri_app, okaeri_dispatch")
    op.create_table(
        "clock",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("shift", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_clock")),
    )
    op.execute("INSERT INTO clock VALUES (true, interval '0')")
    op.execute("GRANT SELECT ON clock TO okaeri_app, okaeri_dispatch")
    op.execute(
        "CREATE FUNCTION okaeri_now() RETURNS timestamptz STABLE LANGUAGE sql AS "
        "'SELECT clock_timestamp() + shift FROM clock'"
    )
    op.create_table(
        "tenants",
        sa.Column("shop_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("domain", name=op.f("uq_tenants_domain")),
    )
    op.execute("GRANT SELECT, INSERT ON tenants TO okaeri_app")
    op.execute("GRANT SELECT ON tenants TO okaeri_dispatch")


def downgrade() -> None:
    op.drop_table("tenants")
    op.execute("DROP FUNCTION okaeri_now()")
    op.drop_table("clock")
