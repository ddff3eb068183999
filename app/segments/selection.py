"""Everyone who fits some conditions, asked live: how many, and a few of them to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.core.clock import now
from app.segments import people, queries, rules
from app.segments.rules import Scale

SAMPLE = 10


@dataclass(frozen=True)
class Conditions:
    """What a person must be; what is empty or zero is not asked. `recency`, `frequency` and
    `monetary` are least scores. `place` is a country's code, `region` a part of the delivery
    address (a prefecture, a state)."""

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
    count, everyone = 0, 0
    sample: list[Person] = []
    for row in _rows(session, wanted):
        everyone = int(row["everyone"])
        if row["person"] is None:
            break
        facts = people.facts(row)
        if not _fits(facts, wanted, scale, moment):
            continue
        count += 1
        if len(sample) < SAMPLE:
            sample.append(_person(int(row["person"]), facts, scale, moment))
    return Selection(count, everyone, sample)


def _rows(session: Session, wanted: Conditions) -> Iterator[RowMapping]:
    """Whoever fits what the database can decide, the latest buyers first; at least one row, which
    carries the count of everyone."""
    where, values = _where(wanted)
    statement = (
        f"{people.EVERYONE}{people.PEOPLE}{people.PRIORS}, "  # noqa: S608
        f"fitting AS (SELECT {people.COLUMNS} FROM {people.JOINED} WHERE {where}) "
        "SELECT fitting.*, total.everyone FROM (SELECT count(*) AS everyone FROM people) total "
        "LEFT JOIN fitting ON true ORDER BY fitting.last_at DESC NULLS LAST"
    )
    yield from session.execute(text(statement), values).mappings()


def _where(wanted: Conditions) -> tuple[str, dict[str, Any]]:
    parts = {
        "people.orders >= :orders": wanted.orders,
        """people.person IN (SELECT o.person FROM mine o
            JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
            JOIN products p ON p.shop_id = l.shop_id AND p.shopify_id = l.product_shopify_id
            WHERE p.product_type = :product_type)""": wanted.product_type,
        "people.person IN (SELECT id FROM customers WHERE country = :place)": wanted.place,
        """people.person IN (SELECT o.person FROM mine o
            WHERE o.shipping_address ->> 'province' ILIKE :region)""": wanted.region,
        "people.person IN (SELECT id FROM customers WHERE left(locale, 2) = :language)": (
            wanted.language
        ),
    }
    asked = [condition for condition, value in parts.items() if value]
    return " AND ".join(asked) or "true", {
        "orders": wanted.orders,
        "product_type": wanted.product_type,
        "place": wanted.place,
        "region": f"%{wanted.region.replace('%', '')}%",
        "language": wanted.language,
    }


def _fits(facts: rules.Facts, wanted: Conditions, scale: Scale, moment: datetime) -> bool:
    if wanted.stage and rules.stage(facts, moment) != wanted.stage:
        return False
    if wanted.engagement and rules.engagement(facts, moment) != wanted.engagement:
        return False
    least = (wanted.recency, wanted.frequency, wanted.monetary)
    if not any(least):
        return True
    scores = rules.rfm(facts, scale, moment)
    return all(score >= wish for score, wish in zip(scores, least, strict=True))


def _person(number: int, facts: rules.Facts, scale: Scale, moment: datetime) -> Person:
    return Person(
        number, facts.orders, facts.spent_minor, facts.last_order_at,
        rules.stage(facts, moment), rules.rfm(facts, scale, moment),
    )  # fmt: skip
