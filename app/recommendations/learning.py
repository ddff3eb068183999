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

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.recommendations import rules
from app.recommendations.model import RecommendationSale

MEMORY = timedelta(days=365)
SOON = timedelta(days=180)
LARGEST = 30
#: How many others are kept beside one product.
KEPT = 20

#: The baskets, worked out once for everything that is learnt from them: one row a product, one of
#: which leads its basket.
BASKETS = """
    CREATE TEMPORARY TABLE learnt_goods ON COMMIT DROP AS
    WITH orders_kept AS (
        SELECT o.shop_id, o.id, o.customer_id, o.placed_at FROM orders o
        WHERE o.placed_at > :since AND o.cancelled_at IS NULL AND NOT o.test
          AND o.financial_status NOT IN ('refunded', 'voided', 'expired')),
    steps AS (
        SELECT *, CASE WHEN customer_id IS NOT NULL THEN lead(id) OVER w END AS following,
               lead(placed_at) OVER w <= placed_at + CAST(:soon AS interval) AS soon
        FROM orders_kept WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at, id)),
    items AS (
        SELECT s.id, CASE WHEN s.soon THEN s.following END AS following,
               array_agg(DISTINCT l.product_shopify_id) AS products
        FROM steps s JOIN order_lines l ON l.shop_id = s.shop_id AND l.order_id = s.id
        WHERE l.current_quantity > 0 AND l.product_shopify_id IS NOT NULL AND NOT l.gift_card
        GROUP BY 1, 2)
    SELECT id, following, product, place = 1 AS leads
    FROM items CROSS JOIN unnest(products) WITH ORDINALITY AS one (product, place)
    WHERE cardinality(products) <= :largest
"""
TOGETHER = """
    WITH total AS (SELECT count(*) AS baskets FROM learnt_goods WHERE leads),
    firsts AS (SELECT product, count(*) AS baskets FROM learnt_goods GROUP BY product),
    seconds AS (SELECT * FROM firsts),
    either AS (
        SELECT a.product AS first, b.product AS second, count(*) AS together
        FROM learnt_goods a JOIN learnt_goods b ON a.id = b.id AND a.product < b.product
        GROUP BY 1, 2 HAVING count(*) >= :least),
    pairs AS (
        SELECT * FROM either UNION ALL SELECT second, first, together FROM either)
"""
NEXT = """
    WITH total AS (
        SELECT count(*) AS baskets FROM learnt_goods WHERE leads AND following IS NOT NULL),
    firsts AS (
        SELECT product, count(*) AS baskets FROM learnt_goods
        WHERE following IS NOT NULL GROUP BY 1),
    seconds AS (
        SELECT product, count(*) AS baskets FROM learnt_goods
        WHERE id IN (SELECT following FROM learnt_goods WHERE leads) GROUP BY 1),
    pairs AS (
        SELECT a.product AS first, b.product AS second, count(*) AS together
        FROM learnt_goods a JOIN learnt_goods b ON b.id = a.following
        WHERE a.product <> b.product GROUP BY 1, 2 HAVING count(*) >= :least)
"""
#: Of each product the best that add anything: among the pairs of one product, `rules.measure` ranks
#: by P(b|a) − P(b) times what they share, which whole numbers tell without rounding.
BEST = """,
    added AS (
        SELECT p.first, p.second, p.together, f.baskets AS firsts, s.baskets AS seconds, t.baskets,
               p.together * t.baskets - f.baskets * s.baskets AS gain
        FROM pairs p JOIN firsts f ON f.product = p.first JOIN seconds s ON s.product = p.second
        CROSS JOIN total t),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY first ORDER BY gain DESC, second) AS place
        FROM added WHERE gain > 0)
    SELECT * FROM ranked WHERE place <= :kept
"""
SALES = """
    INSERT INTO recommendation_sales (shop_id, product_shopify_id, baskets)
    SELECT :shop, product, count(*) FROM learnt_goods GROUP BY product
"""
RELATIONS = {"together": TOGETHER, "next": NEXT}


def learn(session: Session) -> list[dict[str, Any]]:
    """The rows of what belongs together: of each product the `KEPT` best that add anything. How
    often each product is bought is written down on the way."""
    values = {"since": now(session) - MEMORY, "largest": LARGEST, "soon": SOON}
    session.execute(text("DROP TABLE IF EXISTS learnt_goods"))
    session.execute(text(BASKETS), values)
    session.execute(text("ANALYZE learnt_goods"))
    session.execute(delete(RecommendationSale))
    session.execute(text(SALES), {"shop": session.info["shop_id"]})
    return [row for relation in RELATIONS for row in _measured(session, relation)]


def _measured(session: Session, relation: str) -> Iterator[dict[str, Any]]:
    wanted = {"least": rules.LEAST_TOGETHER, "kept": KEPT}
    for row in session.execute(text(RELATIONS[relation] + BEST), wanted):
        found = rules.measure(row.together, row.firsts, row.seconds, row.baskets)
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
            "learnt_at": now(session),
        }
