"""The one statement that turns the copy of the store's orders into people.

A person is every customer record with the same e-mail address (in lower case), the earliest record
standing for them all, and the guest orders with that address. The link is derived at every look
and never written: an address that changes takes its orders along, a redacted one leaves them.
Orders that were cancelled, refunded or voided in full, and test orders, are no purchases.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.segments.rules import PRIOR_DAYS, SHORTEST_SPAN_DAYS, Facts

COUNTED = (
    "o.cancelled_at IS NULL AND NOT o.test "
    "AND o.financial_status NOT IN ('refunded', 'voided', 'expired')"
)
#: What is carried along of an order: narrow, for there are many.
ORDER = (
    "o.shop_id, o.id, o.placed_at, o.nth, "
    f"{COUNTED} AS counted, coalesce(o.current_total_minor, o.total_minor) AS spent"
)
_PRIOR = "CASE p.kind {} END".format(
    " ".join(f"WHEN '{kind}' THEN {days}" for kind, days in PRIOR_DAYS.items())
)

#: Records that another record of the same person stands for.
TWINS = """
    WITH twins AS (
        SELECT c.id, d.person FROM customers c JOIN (
            SELECT email_key, min(id) AS person FROM customers
            WHERE email_key IS NOT NULL GROUP BY email_key HAVING count(*) > 1
        ) d ON d.email_key = c.email_key WHERE c.id <> d.person),
"""
CLICKS = """
    clicks AS (
        SELECT coalesce(t.person, s.customer_id) AS person, sum(s.clicks) AS clicks,
               max(s.last_at) AS last_at
        FROM segment_clicks s LEFT JOIN twins t ON t.id = s.customer_id GROUP BY 1),
"""
#: Every order with the person it belongs to.
EVERYONE = f"""{TWINS}
    mine AS (
        SELECT coalesce(t.person, o.customer_id) AS person, {ORDER}
        FROM orders o LEFT JOIN twins t ON t.id = o.customer_id WHERE o.customer_id IS NOT NULL
        UNION ALL
        SELECT m.person, {ORDER} FROM orders o JOIN (
            SELECT email_key, min(id) AS person FROM customers
            WHERE email_key IS NOT NULL GROUP BY email_key) m ON m.email_key = o.email_key
        WHERE o.customer_id IS NULL),
{CLICKS}"""  # noqa: S608  # built from constants of this module
#: The same for one person: `:ids` are their records, `:email_key` their address.
ONE = f"""
    WITH mine AS (
        SELECT CAST(:person AS bigint) AS person, {ORDER} FROM orders o
        WHERE o.customer_id = ANY(:ids)
        UNION ALL
        SELECT CAST(:person AS bigint), {ORDER} FROM orders o
        WHERE o.customer_id IS NULL AND o.email_key = :email_key),
    clicks AS (
        SELECT CAST(:person AS bigint) AS person, sum(s.clicks) AS clicks,
               max(s.last_at) AS last_at
        FROM segment_clicks s WHERE s.customer_id = ANY(:ids)),
"""  # noqa: S608
PEOPLE = f"""
    spans AS (
        SELECT o.*, extract(epoch FROM o.placed_at - lag(o.placed_at) OVER (
                   PARTITION BY o.person, o.counted ORDER BY o.placed_at)) / 86400 AS span
        FROM mine o),
    people AS (
        SELECT person,
               greatest(count(*) FILTER (WHERE counted),
                        coalesce(max(nth), 0) - count(*) FILTER (WHERE NOT counted)) AS orders,
               coalesce(sum(spent) FILTER (WHERE counted), 0) AS spent,
               min(placed_at) FILTER (WHERE counted) AS first_at,
               max(placed_at) FILTER (WHERE counted) AS last_at,
               count(*) FILTER (WHERE counted AND span >= {SHORTEST_SPAN_DAYS}) AS spans,
               avg(span) FILTER (WHERE counted AND span >= {SHORTEST_SPAN_DAYS}) AS mean_span,
               stddev_pop(span) FILTER (WHERE counted AND span >= {SHORTEST_SPAN_DAYS}) AS spread
        FROM spans GROUP BY person HAVING bool_or(counted))
"""  # noqa: S608  # built from constants of this module
#: How long what they bought usually lasts them: the longest-lived thing counts.
PRIORS = f"""
    , priors AS (
        SELECT o.person, max({_PRIOR}) AS prior_days
        FROM mine o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
        JOIN products p ON p.shop_id = l.shop_id AND p.shopify_id = l.product_shopify_id
        GROUP BY o.person)
"""  # noqa: S608
COLUMNS = """
    people.person, people.orders, people.spent, people.first_at, people.last_at, people.spans,
    people.mean_span, people.spread, priors.prior_days, clicks.clicks,
    clicks.last_at AS last_click_at
"""
JOINED_WITHOUT_PRIORS = "people LEFT JOIN clicks ON clicks.person = people.person"
JOINED = f"{JOINED_WITHOUT_PRIORS} LEFT JOIN priors ON priors.person = people.person"


def facts(row: RowMapping) -> Facts:
    """A row of `COLUMNS` as values."""
    return Facts(
        orders=int(row["orders"]),
        spent_minor=int(row["spent"]),
        first_order_at=row["first_at"],
        last_order_at=row["last_at"],
        spans=int(row["spans"]),
        mean_span=_number(row["mean_span"]),
        spread=_number(row["spread"]),
        prior_days=_number(row["prior_days"]),
        clicks=int(row["clicks"] or 0),
        last_click_at=row["last_click_at"],
    )


def one(session: Session, person: int, ids: list[int], email_key: str | None) -> Facts | None:
    """One person's purchases; None when there are none that count."""
    found = (
        session.execute(
            text(f"{ONE}{PEOPLE}{PRIORS} SELECT {COLUMNS} FROM {JOINED}"),  # noqa: S608
            {"person": person, "ids": ids, "email_key": email_key},
        )
        .mappings()
        .one_or_none()
    )
    return None if found is None else facts(found)


def measured(session: Session, source: str = f"{EVERYONE}{PEOPLE}") -> RowMapping:
    """How many people have bought, the fifths of what they did, the top tenth, and what is usual
    among them; `source` is the statement's beginning that gives `people`."""
    cuts = "ARRAY[0.2, 0.4, 0.6, 0.8]"
    return (
        session.execute(
            text(
                f"{source} SELECT count(*) AS people, "  # noqa: S608  # a constant of this room
                f"percentile_disc({cuts}) WITHIN GROUP (ORDER BY orders) AS orders, "
                f"percentile_disc({cuts}) WITHIN GROUP (ORDER BY spent) AS spent, "
                f"percentile_disc({cuts}) WITHIN GROUP (ORDER BY last_at DESC) AS last_at, "
                "percentile_disc(0.9) WITHIN GROUP (ORDER BY spent) AS top, "
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY mean_span) AS usual, "
                "count(mean_span) AS rhythms, "
                "sum(spent) / nullif(sum(orders), 0) AS mean_order FROM people"
            )
        )
        .mappings()
        .one()
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
