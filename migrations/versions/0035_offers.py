"""Offers: several a shop, what became of each, and the promises that a price ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import tenant_table

revision = "0035"
down_revision = "0034"

# It looks across shops before one is bound, so it runs with the owner's rights and answers with
# numbers of shops only.
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
          AND p.day = (okaeri_now() AT TIME ZONE s.timezone)::date)
$$
"""
# Until now a shop had one offer, in its settings.
FIRST_OFFERS = """
INSERT INTO offers (shop_id, name, position, enabled, step, what, variants, percent, minutes,
                    timer, conditions, least_margin, assumed_cost)
SELECT s.shop_id,
       CASE s.locale WHEN 'ja' THEN 'サンクスページのおすすめ' ELSE 'Thank-you offer' END,
       1, coalesce((s.settings #>> '{offer,enabled}')::boolean, false), 1, 'fixed',
       jsonb_build_array((s.settings #>> '{offer,variant_shopify_id}')::bigint),
       coalesce((s.settings #>> '{offer,percent}')::integer, 10),
       coalesce((s.settings #>> '{offer,minutes}')::integer, 5), 'usual', '{}'::jsonb, 0, 0
FROM shops AS s WHERE s.settings #>> '{offer,variant_shopify_id}' IS NOT NULL
"""
FIRST_CAMPAIGNS = """
INSERT INTO discount_campaigns (shop_id, name, percent, variants, timed)
SELECT shop_id, 'offer:' || (variants ->> 0) || ':' || percent, percent, variants, true
FROM offers WHERE enabled
"""
# What customers were told before then still holds.
PROMISES = """
INSERT INTO discount_cool_offs (shop_id, order_id, product_shopify_id, percent, since, until)
SELECT g.shop_id, v.order_id, p.shopify_id, (g.terms ->> 'percent')::integer, g.deadline,
       g.deadline + interval '30 days'
FROM offer_grants AS g
JOIN thank_you_visits AS v ON v.shop_id = g.shop_id AND v.checkout_token = g.checkout_token
JOIN variants AS t ON t.shop_id = g.shop_id AND t.shopify_id = g.variant_shopify_id
JOIN products AS p ON p.shop_id = t.shop_id AND p.id = t.product_id
WHERE g.deadline IS NOT NULL AND v.order_id IS NOT NULL AND g.terms ->> 'timer' = 'true'
  AND g.deadline > okaeri_now() - interval '30 days'
ON CONFLICT DO NOTHING
"""
FROM_SETTINGS = """
CREATE OR REPLACE FUNCTION okaeri_shops_without_pool() RETURNS SETOF bigint STABLE LANGUAGE sql
SECURITY DEFINER SET search_path = public AS $$
    SELECT s.shop_id FROM shops AS s
    WHERE s.installed_at IS NOT NULL AND s.uninstalled_at IS NULL AND s.paused_at IS NULL
      AND s.settings #>> '{offer,enabled}' = 'true'
      AND s.settings #>> '{offer,variant_shopify_id}' IS NOT NULL
      AND NOT EXISTS (
        SELECT 1 FROM discount_pools AS p
        WHERE p.shop_id = s.shop_id
          AND p.variant_shopify_id = (s.settings #>> '{offer,variant_shopify_id}')::bigint
          AND p.percent = coalesce(s.settings #>> '{offer,percent}', '10')::integer
          AND p.day = (okaeri_now() AT TIME ZONE s.timezone)::date)
$$
"""


def _own(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["shop_id"],
            ["tenants.shop_id"],
            name=op.f(f"fk_{table}_shop_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f(f"pk_{table}")),
    )
    tenant_table(table)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _time(name: str, *, empty: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def _offers() -> None:
    _own(
        "offers",
        _text("name", 120),
        _number("position"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _number("step"),
        _text("what", 16),
        _json("variants"),
        _number("percent"),
        _number("minutes"),
        _text("timer", 8),
        _json("conditions"),
        _number("least_margin"),
        _number("assumed_cost"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("okaeri_now()"),
            nullable=False,
        ),
        _time("removed_at", empty=True),
    )
    _own(
        "offer_decisions",
        _text("checkout_token", 64),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        _text("offer_name", 120),
        _number("step"),
        _text("outcome", 32),
        _json("details"),
        _time("decided_at"),
    )
    op.create_index(
        op.f("ix_offer_decisions_shop_id_checkout_token"),
        "offer_decisions",
        ["shop_id", "checkout_token"],
    )


def _grants() -> None:
    op.add_column("offer_grants", sa.Column("offer_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "offer_grants",
        sa.Column("step", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column("offer_grants", _time("declined_at", empty=True))
    op.drop_constraint("uq_offer_grants_shop_id_checkout_token", "offer_grants")
    op.create_unique_constraint(
        op.f("uq_offer_grants_shop_id_checkout_token_step"),
        "offer_grants",
        ["shop_id", "checkout_token", "step"],
    )
    for columns in (("offer_id", "shown_at"), ("code_id",), ("shown_at",)):
        op.create_index(
            op.f(f"ix_offer_grants_shop_id_{'_'.join(columns)}"),
            "offer_grants",
            ["shop_id", *columns],
        )


def _discounts() -> None:
    _own(
        "discount_campaigns",
        _text("name", 96),
        _number("percent"),
        _json("variants"),
        sa.Column("timed", sa.Boolean(), nullable=False),
        _time("until", empty=True),
    )
    op.create_unique_constraint(
        op.f("uq_discount_campaigns_shop_id_name"), "discount_campaigns", ["shop_id", "name"]
    )
    _own(
        "discount_cool_offs",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("product_shopify_id", sa.BigInteger(), nullable=False),
        _number("percent"),
        _time("since"),
        _time("until"),
    )
    op.create_unique_constraint(
        op.f("uq_discount_cool_offs_shop_id_order_id_product_shopify_id"),
        "discount_cool_offs",
        ["shop_id", "order_id", "product_shopify_id"],
    )
    op.add_column("discount_pools", sa.Column("variants", postgresql.JSONB(), nullable=True))
    op.execute("UPDATE discount_pools SET variants = jsonb_build_array(variant_shopify_id)")
    op.alter_column("discount_pools", "variants", nullable=False)
    op.drop_column("discount_pools", "variant_shopify_id")


def upgrade() -> None:
    op.add_column("variants", sa.Column("cost_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "customers",
        sa.Column(
            "tags", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    _offers()
    _grants()
    _discounts()
    op.execute(FIRST_OFFERS)
    op.execute(FIRST_CAMPAIGNS)
    op.execute(PROMISES)
    op.execute(WITHOUT_POOL)


def downgrade() -> None:
    op.add_column("discount_pools", sa.Column("variant_shopify_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE discount_pools SET variant_shopify_id = (variants ->> 0)::bigint")
    op.alter_column("discount_pools", "variant_shopify_id", nullable=False)
    op.drop_column("discount_pools", "variants")
    op.execute(FROM_SETTINGS)
    op.execute("DELETE FROM offer_grants WHERE step > 1")
    op.drop_constraint("uq_offer_grants_shop_id_checkout_token_step", "offer_grants")
    for columns in (("offer_id", "shown_at"), ("code_id",), ("shown_at",)):
        op.drop_index(op.f(f"ix_offer_grants_shop_id_{'_'.join(columns)}"), "offer_grants")
    op.create_unique_constraint(
        "uq_offer_grants_shop_id_checkout_token", "offer_grants", ["shop_id", "checkout_token"]
    )
    for name in ("offer_id", "step", "declined_at"):
        op.drop_column("offer_grants", name)
    for table in ("discount_cool_offs", "discount_campaigns", "offer_decisions", "offers"):
        op.drop_table(table)
    op.drop_column("customers", "tags")
    op.drop_column("variants", "cost_minor")
