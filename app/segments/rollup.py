"""A big shop's people, kept ready: one row each, so that a segment of a hundred thousand is counted
at once.

The rows say what `people.py` says. An order that comes, is cancelled or given back has its person
worked out anew within seconds, and everybody is every hour, which also sees what no event tells
(an address that changed, a product that is used otherwise). A shop of fewer than `BIG` customers
keeps none and is asked live.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app.mirror.model import Customer
from app.segments import people, regions
from app.segments.model import SegmentPerson

#: From so many customers on. Below, asking live takes a few hundredths of a second.
BIG = 2_000

_FIGURES = "orders, spent, first_at, last_at, spans, mean_span, spread, prior_days"
_KEPT = f"{_FIGURES}, products, regions"
#: What a person bought, and where it went.
_BASKETS = f"""
    , baskets AS (
        SELECT o.person, coalesce(array_agg(DISTINCT l.product_shopify_id)
                   FILTER (WHERE l.product_shopify_id IS NOT NULL), '{{}}') AS products
        FROM mine o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
        GROUP BY o.person),
    places AS (
        SELECT o.person, coalesce(array_agg(DISTINCT place.region)
                   FILTER (WHERE place.region IS NOT NULL), '{{}}') AS regions
        FROM mine o JOIN orders w ON w.shop_id = o.shop_id AND w.id = o.id
        CROSS JOIN LATERAL (VALUES ({regions.CODE}), ({regions.NAME})) AS place (region)
        GROUP BY o.person)
"""  # noqa: S608  # built from constants of these modules
_FOUND = f"""
    {people.PEOPLE} {people.PRIORS} {_BASKETS}
    INSERT INTO segment_people AS kept (shop_id, customer_id, {_KEPT})
    SELECT :shop, people.person, people.orders, people.spent, people.first_at, people.last_at,
           people.spans, people.mean_span, people.spread, priors.prior_days,
           coalesce(baskets.products, '{{}}'), coalesce(places.regions, '{{}}')
    FROM people LEFT JOIN priors ON priors.person = people.person
    LEFT JOIN baskets ON baskets.person = people.person
    LEFT JOIN places ON places.person = people.person
    ON CONFLICT (shop_id, customer_id) DO UPDATE SET ({_KEPT}) = (
        {", ".join(f"excluded.{name.strip()}" for name in _KEPT.split(","))})
    WHERE ({", ".join(f"kept.{name.strip()}" for name in _KEPT.split(","))}) IS DISTINCT FROM (
        {", ".join(f"excluded.{name.strip()}" for name in _KEPT.split(","))})
"""  # noqa: S608  # built from constants of this module
#: A statement's beginning that gives `people` and `clicks` from the rows that are kept.
_ROWS = "people AS (SELECT customer_id AS person, * FROM segment_people)"
PEOPLE = f"WITH {_ROWS}"
PEOPLE_AND_CLICKS = f"{people.TWINS}{people.CLICKS}{_ROWS}"


def is_big(session: Session) -> bool:
    """Whether the shop has so many customers that its people are kept ready."""
    some = select(Customer.id).limit(BIG).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) >= BIG


def rebuild(session: Session) -> None:
    """Work everybody out anew; rows that say so already are left as they are."""
    _alone(session)
    session.execute(text(f"{people.EVERYONE} {_FOUND}"), {"shop": session.info["shop_id"]})
    session.execute(
        text(
            f"{people.EVERYONE} counting AS (SELECT DISTINCT person FROM mine WHERE counted) "  # noqa: S608
            "DELETE FROM segment_people k WHERE NOT EXISTS "
            "(SELECT FROM counting c WHERE c.person = k.customer_id)"
        )
    )


def refresh(session: Session, ids: list[int], email_key: str | None) -> None:
    """Work one person out anew: `ids` are their records, the one that stands for them first."""
    _alone(session, shared=True)
    values: dict[str, Any] = {"person": ids[0], "ids": ids, "email_key": email_key}
    session.execute(delete(SegmentPerson).where(SegmentPerson.customer_id.in_(ids)))
    session.execute(text(f"{people.ONE} {_FOUND}"), {"shop": session.info["shop_id"], **values})


def forget(session: Session) -> None:
    """Keep nobody: the shop is small (again)."""
    session.execute(delete(SegmentPerson))


def _alone(session: Session, *, shared: bool = False) -> None:
    """Until the commit: nobody's row is brought up to date while all are worked out from what was
    true a moment before."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    session.execute(
        text(f"SELECT {lock}(hashtextextended(:name, 0))"),
        {"name": f"segments:{session.info['shop_id']}"},
    )
