"""Codes for messages: good for days, on a product or on everything."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

# It looks across shops before one is bound, so it runs with the owner's rights and answers with
# numbers of shops only. Codes that are good for days get a new pool a month.
WITHOUT_POOL = """
CREATE OR REPLACE FUNCTION okaeri_shops_without_pool() RETURNS SETOF bigint STABLE LANGUAGE sql
SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT s.shop_id FROM shops AS s
    JOIN discount_campaigns AS c ON c.shop_id = s.shop_id
    WHERE s.installed_at IS NOT NULL AND s.uninstalled_at IS NULL AND s.paused_at IS NULL
      AND (c.until IS NULL OR c.until > okaeri_now())
      AND NOT EXISTS (
        SELECT 1 FROM discount_pools AS p
        WHERE p.shop_id = c.shop_id AND p.campaign = c.name
          AND p.day > (okaeri_now() AT TIME ZONE s.timezone)::date
                      - CASE WHEN c.days = 0 THEN 1 ELSE 30 END)
$$
"""
DAILY = """
CREATE OR REPLACE FUNCTION okaeri_shops_without_pool() RETURNS SETOF bigint STABLE LANGUAGE sql
SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT s.shop_id FROM shops AS s
    JOIN discount_campaigns AS c ON c.shop_id = s.shop_id
    WHERE s.installed_at IS NOT NULL AND s.uninstalled_at IS NULL AND s.paused_at IS NULL
      AND (c.until IS NULL OR c.until > okaeri_now())
      AND NOT EXISTS (
        SELECT 1 FROM discount_pools AS p
        WHERE p.shop_id = c.shop_id AND p.campaign = c.name
          AND p.day = (okaeri_now() AT TIME ZONE s.timezone)::date)
$$
"""


def upgrade() -> None:
    op.add_column(
        "discount_campaigns", sa.Column("days", sa.Integer(), server_default="0", nullable=False)
    )
    for table in ("discount_campaigns", "discount_pools"):
        op.add_column(table, sa.Column("product_shopify_id", sa.BigInteger(), nullable=True))
    op.execute(WITHOUT_POOL)


def downgrade() -> None:
    op.execute("DELETE FROM discount_campaigns WHERE days > 0")
    op.execute(DAILY)
    for table in ("discount_campaigns", "discount_pools"):
        op.drop_column(table, "product_shopify_id")
    op.drop_column("discount_campaigns", "days")
