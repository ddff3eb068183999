"""Privacy: its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("customer_shopify_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f("fk_privacy_requests_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_privacy_requests")),
    )
    tenant_table("privacy_requests")
    # The app may not delete tenants; a shop may only ever erase itself, through this one function.
    op.execute(
        "CREATE FUNCTION okaeri_erase_shop() RETURNS void LANGUAGE sql SECURITY DEFINER "
        "SET search_path = public AS "
        "'DELETE FROM tenants WHERE shop_id = current_setting(''okaeri.shop_id'')::bigint'"
    )
    op.execute("REVOKE ALL ON FUNCTION okaeri_erase_shop() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION okaeri_erase_shop() TO okaeri_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION okaeri_erase_shop()")
    op.drop_table("privacy_requests")
