"""How long a big shop's people and products take to work out, with two hundred thousand orders of a
hundred thousand people (or `OKAERI_BENCH_ORDERS`): `pytest -m bench tests/bench/test_people.py -s`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.core import clock
from app.recommendations import service as recommendations
from app.segments import queries, selection
from app.segments.jobs import measure
from app.segments.selection import Conditions
from tests import make
from tests.bench.test_dry_run import STATEMENTS

ORDERS = int(os.environ.get("OKAERI_BENCH_ORDERS", "200000"))
PRODUCTS = 200
LOOKS = {
    "everyone": Conditions(),
    "at risk": Conditions(stage="at_risk"),
    "big spenders": Conditions(monetary=4),
    "bought twice, by type": Conditions(product_type="Coffee", orders=2),
}


@pytest.mark.bench
def test_how_long_a_big_shop_takes(app: Flask, shop: make.MadeShop, owner: Engine) -> None:
    fill(shop, owner)
    with shop.work() as session:
        print(f"\n{ORDERS} orders:")
        took("learning what goes together", lambda: recommendations.learn(session))
    measure(str(shop.id))
    for name, conditions in LOOKS.items():
        with shop.work() as session:
            took(f"preview: {name}", partial(selection.select_people, session, conditions))
    with shop.work() as session:
        took("scale", lambda: queries.scale(session))


def took(name: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    found = work()
    print(f"  {name}: {time.perf_counter() - begun:.2f} s {str(found)[:60]}")


def fill(shop: make.MadeShop, owner: Engine) -> None:
    """Orders over two years, two lines each, two orders a person."""
    with shop.work() as session:
        for number in range(PRODUCTS):
            make.product(session, title=f"Coffee {number}", handle=f"c{number}")
        values = {
            "shop": shop.id, "orders": ORDERS, "people": ORDERS // 2, "products": PRODUCTS,
            "now": clock.now(session), "minutes": 730 * 24 * 60 / ORDERS,
        }  # fmt: skip
        values["first"] = session.execute(text("SELECT min(shopify_id) FROM products")).scalar_one()
        for statement in STATEMENTS[:2]:
            spread = statement.replace(
                "interval '12 minutes 57 seconds'", "make_interval(secs => 60 * :minutes)"
            )
            session.execute(text(spread), values)
        session.execute(text(LINES), values)
    with owner.begin() as connection:
        connection.execute(text("ANALYZE orders, order_lines, customers, products"))


LINES = """
    INSERT INTO order_lines (shop_id, order_id, shopify_id, product_shopify_id, title,
         variant_title, sku, quantity, current_quantity, price_minor, discount_minor,
         requires_shipping, gift_card, attributes)
    SELECT :shop, o.id, o.shopify_id * 10 + k, p.shopify_id, p.title, '200g', '', 1, 1, 1980, 0,
         true, false, '{}'
    FROM orders o CROSS JOIN generate_series(0, 1) k
    JOIN (SELECT shopify_id, title, row_number() OVER (ORDER BY id) - 1 AS place
          FROM products WHERE shop_id = :shop) p
      ON p.place = (hashint8(o.id * 2 + k) & 1048575) % :products
    WHERE o.shop_id = :shop
"""
