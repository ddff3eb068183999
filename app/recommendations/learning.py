"""What the shop's orders teach about what goes together: counted by the database, measured by
`rules.measure`.

A basket is an order of the last year that was kept, each product once; baskets of more than
`LARGEST` products are a reseller's and say nothing. `next` pairs an order with the same customer's
next one within `SOON`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.recommendations import rules

MEMORY = timedelta(days=365)
SOON = timedelta(days=180)
LARGEST = 30
#: How many others are kept beside one product.
KEPT = 20

BASKETS = """
    WITH orders_kept AS (
        SELECT o.id, o.customer_id, o.placed_at FROM orders o
        WHERE o.placed_at > :since AND o.cancelled_at IS NULL AND NOT o.test
          AND o.financial_status NOT IN ('refunded', 'voided', 'expired')),
    items AS (
        SELECT DISTINCT l.order_id, l.product_shopify_id AS product
        FROM order_lines l JOIN orders_kept k ON k.id = l.order_id
        WHERE l.current_quantity > 0 AND l.product_shopify_id IS NOT NULL AND NOT l.gift_card),
    small AS (SELECT order_id FROM items GROUP BY order_id HAVING count(*) <= :largest),
    goods AS (SELECT i.* FROM items i JOIN small USING (order_id)),
"""
TOGETHER = """
    total AS (SELECT count(DISTINCT order_id) AS baskets FROM goods),
    firsts AS (SELECT product, count(*) AS baskets FROM goods GROUP BY product),
    seconds AS (SELECT * FROM firsts),
    pairs AS (
        SELECT a.product AS first, b.product AS second, count(*) AS together
        FROM goods a JOIN goods b ON a.order_id = b.order_id AND a.product <> b.product
        GROUP BY 1, 2 HAVING count(*) >= :least)
"""
NEXT = """
    steps AS (
        SELECT id, lead(id) OVER w AS following, placed_at, lead(placed_at) OVER w AS again_at
        FROM orders_kept WHERE customer_id IS NOT NULL
        WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at, id)),
    soon AS (
        SELECT id, following FROM steps
        WHERE following IS NOT NULL AND again_at <= placed_at + :soon),
    total AS (SELECT count(*) AS baskets FROM soon),
    firsts AS (
        SELECT g.product, count(*) AS baskets FROM soon s JOIN goods g ON g.order_id = s.id
        GROUP BY 1),
    seconds AS (
        SELECT g.product, count(*) AS baskets FROM soon s JOIN goods g ON g.order_id = s.following
        GROUP BY 1),
    pairs AS (
        SELECT a.product AS first, b.product AS second, count(*) AS together
        FROM soon s JOIN goods a ON a.order_id = s.id JOIN goods b ON b.order_id = s.following
        WHERE a.product <> b.product GROUP BY 1, 2 HAVING count(*) >= :least)
"""
COUNTS = """
    SELECT p.first, p.second, p.together, f.baskets AS firsts, s.baskets AS seconds, t.baskets
    FROM pairs p JOIN firsts f ON f.product = p.first JOIN seconds s ON s.product = p.second
    CROSS JOIN total t
"""
RELATIONS = {"together": TOGETHER, "next": NEXT}


def learn(session: Session) -> list[dict[str, Any]]:
    """The rows of what belongs together: of each product the `KEPT` best that add anything."""
    return [row for relation in RELATIONS for row in _best(_measured(session, relation))]


def _measured(session: Session, relation: str) -> Iterator[dict[str, Any]]:
    moment = now(session)
    values = {"since": moment - MEMORY, "largest": LARGEST, "least": rules.LEAST_TOGETHER}
    if relation == "next":
        values["soon"] = SOON
    for row in session.execute(text(BASKETS + RELATIONS[relation] + COUNTS), values):
        found = rules.measure(row.together, row.firsts, row.seconds, row.baskets)
        if found.score > 0:
            yield {
                "shop_id": session.info["shop_id"],
                "relation": relation,
                "product_shopify_id": row.first,
                "other_shopify_id": row.second,
                "together": row.together,
                "support": found.support,
                "confidence": found.confidence,
                "lift": found.lift,
                "score": found.score,
                "learnt_at": moment,
            }


def _best(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    kept: dict[int, int] = {}
    for row in sorted(rows, key=lambda one: -one["score"]):
        first = row["product_shopify_id"]
        kept[first] = kept.get(first, 0) + 1
        if kept[first] <= KEPT:
            yield row
