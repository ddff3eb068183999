"""Everyone who fits some conditions at this moment: how many, and a few of them to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.mirror import queries as mirror
from app.segments import people, queries, regions, rollup, rules
from app.segments.rules import Scale

SAMPLE = 10

_DAYS = "greatest(0, extract(epoch FROM :now - people.last_at) / 86400)"
_CLICKED = "coalesce(extract(epoch FROM :now - clicks.last_at) / 86400, 'infinity')"
#: `rules.expected_interval`, `rules.stage` and `rules.engagement`, for a hundred thousand at once.
_EXPECTED = (
    f"CASE WHEN people.spans >= {rules.ENOUGH_SPANS} AND people.mean_span > 0 "
    f"AND coalesce(people.spread, 0) <= {rules.MOST_SPREAD} * people.mean_span "
    f"THEN people.mean_span ELSE coalesce(prior_days, {rules.PRIOR_DAYS['standard']}) END"
)
_STAGE = (
    f"CASE WHEN {_DAYS} > {rules.AT_RISK} * {_EXPECTED} THEN 'lapsed' "
    f"WHEN {_DAYS} > {rules.ACTIVE} * {_EXPECTED} THEN 'at_risk' "
    f"WHEN people.orders <= 1 AND {_DAYS} <= {_EXPECTED} THEN 'new' ELSE 'active' END"
)
_ENGAGEMENT = (
    f"CASE WHEN {_CLICKED} <= {rules.WARM_DAYS} "
    f"OR people.orders >= 2 AND {_DAYS} <= {rules.WARM_DAYS} THEN 'high' "
    f"WHEN least({_DAYS}, {_CLICKED}) > {rules.COLD_DAYS} THEN 'low' "
    f"WHEN coalesce(clicks.clicks, 0) = 0 AND people.orders <= 1 "
    f"AND {_DAYS} <= {rules.WARM_DAYS} THEN 'unknown' ELSE 'normal' END"
)
#: What was bought, and where it went: asked of the orders, or of the rows that are kept.
BOUGHT_LIVE = (
    """people.person IN (SELECT o.person FROM mine o
        JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
        JOIN products p ON p.shop_id = l.shop_id AND p.shopify_id = l.product_shopify_id
        WHERE p.product_type = :product_type)""",
    f"""people.person IN (SELECT o.person FROM mine o
        JOIN orders w ON w.shop_id = o.shop_id AND w.id = o.id
        CROSS JOIN LATERAL (VALUES ({regions.CODE}), ({regions.NAME})) AS place (region)
        WHERE {regions.MEANT})""",  # noqa: S608  # built from constants of these modules
)
BOUGHT_KEPT = (
    """people.products && ARRAY(
        SELECT shopify_id FROM products WHERE product_type = :product_type)""",
    f"EXISTS (SELECT FROM unnest(people.regions) AS region WHERE {regions.MEANT})",
)


@dataclass(frozen=True)
class Conditions:
    """What a person must be; what is empty or zero is not asked. `recency`, `frequency` and
    `monetary` are least scores. `place` is a country's code, `region` the code of a prefecture
    or state that an order went to (`JP-13`), or a part of its name."""

    stage: str = ""
    engagement: str = ""
    orders: int = 0
    recency: int = 0
    frequency: int = 0
    monetary: int = 0
    product_type: str = ""
    place: str = ""
    region: str = ""
    language: str = ""


@dataclass(frozen=True)
class Person:
    """One who fits, and why one may believe it."""

    customer_id: int
    orders: int
    spent_minor: int
    last_order_at: datetime | None
    stage: str
    rfm: tuple[int, int, int]


@dataclass(frozen=True)
class Selection:
    """How many of how many buyers fit, and the latest buyers among them."""

    count: int
    everyone: int
    sample: list[Person]


def select_people(session: Session, wanted: Conditions) -> Selection:
    """Who fits. People who never bought are in no segment of buyers."""
    moment, scale = now(session), queries.scale(session)
    kept = queries.kept_scale(session) is not None
    where, values = _where(wanted, scale, BOUGHT_KEPT if kept else BOUGHT_LIVE)
    statement = (
        f"{(_kept if kept else _live)(wanted)} WHERE {where}) "  # noqa: S608
        "SELECT (SELECT count(*) FROM people) AS everyone, "
        "(SELECT count(*) FROM fitting) AS fitting, ARRAY("
        f"SELECT person FROM fitting ORDER BY last_at DESC, person LIMIT {SAMPLE}) AS sample"
    )
    row = session.execute(text(statement), {**values, "now": moment}).one()
    return Selection(
        row.fitting, row.everyone, [_person(session, one, scale, moment) for one in row.sample]
    )


_FITTING = "fitting AS (SELECT people.person, people.last_at FROM"


def _live(wanted: Conditions) -> str:
    """Everybody's orders, as they are this moment."""
    priors, joined = (
        (people.PRIORS, people.JOINED) if wanted.stage else ("", people.JOINED_WITHOUT_PRIORS)
    )
    return f"{people.EVERYONE}{people.PEOPLE}{priors}, {_FITTING} {joined}"


def _kept(wanted: Conditions) -> str:
    """The rows that a big shop keeps of its people."""
    if wanted.engagement:
        return f"{rollup.PEOPLE_AND_CLICKS}, {_FITTING} {people.JOINED_WITHOUT_PRIORS}"
    return f"{rollup.PEOPLE}, {_FITTING} people"


def _where(wanted: Conditions, scale: Scale, bought: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    """The conditions as SQL; those of `segments.rules` in its own numbers."""
    of_type, to_region = bought
    parts: dict[str, Any] = {
        "people.orders >= :orders": wanted.orders,
        f"{_STAGE} = :stage": wanted.stage,
        f"{_ENGAGEMENT} = :engagement": wanted.engagement,
        f"{_DAYS} <= :recency": wanted.recency,
        "people.orders > :frequency": wanted.frequency > 1,
        "people.spent > :monetary": wanted.monetary > 1,
        of_type: wanted.product_type,
        "people.person IN (SELECT id FROM customers WHERE country = :place)": wanted.place,
        to_region: wanted.region,
        "people.person IN (SELECT id FROM customers WHERE left(locale, 2) = :language)": (
            wanted.language
        ),
    }
    asked = [condition for condition, value in parts.items() if value]
    return " AND ".join(asked) or "true", {
        "orders": wanted.orders,
        "stage": wanted.stage,
        "engagement": wanted.engagement,
        "recency": _most_days(scale, wanted.recency),
        "frequency": _mark(scale.orders, wanted.frequency),
        "monetary": _mark(scale.spent, wanted.monetary),
        "product_type": wanted.product_type,
        "place": wanted.place,
        "language": wanted.language,
        **regions.values(wanted.region),
    }


def _most_days(scale: Scale, least: int) -> float:
    """Days since the last order that still score `least`."""
    return scale.recency[5 - least] if 2 <= least <= 5 else 1e9


def _mark(marks: Sequence[float], least: int) -> float:
    """The mark that must be passed to score `least`."""
    return marks[min(least, 5) - 2] if least >= 2 else 0.0


def _person(session: Session, number: int, scale: Scale, moment: datetime) -> Person:
    customer = mirror.customer(session, number)
    facts = queries.facts(session, customer) if customer else rules.Facts()
    return Person(
        number,
        facts.orders,
        facts.spent_minor,
        facts.last_order_at,
        rules.stage(facts, moment),
        rules.rfm(facts, scale, moment),
    )
