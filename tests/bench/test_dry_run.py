"""How long a dry run over ten thousand orders takes: `pytest -m bench tests/bench -s`."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.journeys import dryrun, tally
from app.journeys.definitions import presets
from app.journeys.jobs import imagine
from tests import make

ORDERS, PEOPLE, PRODUCTS = 10_000, 6_000, 40


def fill(shop: make.MadeShop) -> None:
    """Ten thousand delivered orders of six thousand people, two lines each, over ninety days."""
    with shop.work() as session:
        for number in range(PRODUCTS):
            make.product(session, title=f"Coffee {number}", handle=f"c{number}")
        values = {"shop": shop.id, "orders": ORDERS, "people": PEOPLE, "products": PRODUCTS}
        values["first"] = session.execute(text("SELECT min(shopify_id) FROM products")).scalar_one()
        values["now"] = clock.now(session)
        for statement in STATEMENTS:
            session.execute(text(statement), values)
        session.execute(text("ANALYZE orders"))


STATEMENTS = (
    """INSERT INTO customers (shop_id, shopify_id, email, first_name, last_name, locale, country,
         marketing_state, marketing_updated_at)
       SELECT :shop, 5000000 + n, 'b' || n || '@example.com', '', '', 'ja', 'JP',
         CASE WHEN n % 3 = 0 THEN 'not_subscribed' ELSE 'subscribed' END, :now
       FROM generate_series(1, :people) n""",
    """INSERT INTO orders (shop_id, shopify_id, name, customer_id, email, locale, currency,
         subtotal_minor, shipping_minor, tax_minor, discount_minor, total_minor, taxes_included,
         financial_status, source_name, test, placed_at, shipping_address, note_attributes,
         discount_codes, nth)
       SELECT :shop, 6000000 + n, '#' || n, c.id, c.email, 'ja', 'JPY', 3960, 0, 0, 0, 3960, true,
         'paid', 'web', false, CAST(:now AS timestamptz) - n * interval '12 minutes 57 seconds',
         '{"country_code": "JP"}', '{}', '[]', 1 + n / :people
       FROM generate_series(1, :orders) n
       JOIN customers c ON c.shop_id = :shop AND c.shopify_id = 5000001 + n % :people""",
    """INSERT INTO order_lines (shop_id, order_id, shopify_id, product_shopify_id, title,
         variant_title, sku, quantity, current_quantity, price_minor, discount_minor,
         requires_shipping, gift_card, attributes)
       SELECT :shop, o.id, o.shopify_id * 10 + k, p.shopify_id, p.title, '200g', '', 1, 1, 1980, 0,
         true, false, '{}'
       FROM orders o CROSS JOIN generate_series(0, 1) k
       JOIN LATERAL (SELECT shopify_id, title FROM products
         WHERE shop_id = :shop ORDER BY id OFFSET (o.id * 7 + k * 3) % :products LIMIT 1) p ON true
       WHERE o.shop_id = :shop AND :first > 0""",
    """INSERT INTO fulfillments (shop_id, order_id, shopify_id, name, status, fulfilled_at, lines)
       SELECT :shop, o.id, o.shopify_id, '', 'success', o.placed_at + interval '1 day', '[]'
       FROM orders o WHERE o.shop_id = :shop""",
    """INSERT INTO parcels (shop_id, order_id, fulfillment_id, state, inferred, shipped_at,
         out_for_delivery_at, delivered_at)
       SELECT :shop, f.order_id, f.id, 'delivered', false, f.fulfilled_at,
         f.fulfilled_at + interval '1 day', f.fulfilled_at + interval '30 hours'
       FROM fulfillments f WHERE f.shop_id = :shop""",
)


@pytest.mark.bench
def test_ten_thousand_orders_take_less_than_half_a_minute(app: Flask, shop: make.MadeShop) -> None:
    """Of one core: what else the machine does meanwhile says nothing about us."""
    fill(shop)
    with shop.work() as session:
        dryrun.ask(session, list(presets()), "42")
    begun, cpu, longest = time.perf_counter(), time.process_time(), 0.0
    while True:
        slice_begun = time.perf_counter()
        imagine()
        longest = max(longest, time.perf_counter() - slice_begun)
        with shop.work() as session:
            [asked] = dryrun.newest(session)
            if asked.finished_at or asked.state == "failed":
                break
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    found = tally.load(asked.result)
    print(
        f"\ndry run: {found.orders} orders, {len(presets())} journeys, {found.sent} messages, "
        f"{took:.1f} s ({cpu:.1f} s of this process), longest call {longest:.1f} s"
    )
    assert asked.state == "done", asked.error
    assert found.orders > ORDERS - 100
    assert cpu < 30
