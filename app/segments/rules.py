"""What a person's purchases and clicks say about them: pure decisions.

RFM follows Hughes (Strategic Database Marketing, 1994): every customer is ranked by recency,
frequency and monetary value, and each ranking is cut into fifths. Fifths of a dozen customers say
nothing, so a small shop is measured on fixed marks instead. Stages follow the person's own
interval between purchases, then the usual interval of what they bought.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Stage = Literal["new", "active", "at_risk", "lapsed"]
Engagement = Literal["high", "normal", "low", "unknown"]

STAGES: tuple[Stage, ...] = ("new", "active", "at_risk", "lapsed")
ENGAGEMENTS: tuple[Engagement, ...] = ("high", "normal", "low", "unknown")

#: Fewer people than this have no fifths worth the name.
ENOUGH_PEOPLE = 25
#: Three purchases make two spans; a spread beyond half of their mean is no rhythm.
ENOUGH_SPANS = 2
MOST_SPREAD = 0.5
#: Two orders within a day are one purchase in two goes, and say nothing about a rhythm.
SHORTEST_SPAN_DAYS = 1.0
#: Stages in multiples of the interval: win-back may not begin before 1.5 (product brief).
ACTIVE, AT_RISK = 1.5, 2.5
#: Days until the usual next purchase by kind of product, where nobody has a rhythm yet.
PRIOR_DAYS: dict[str, float] = {
    "fast": 21.0,
    "consumable": 45.0,
    "digital": 90.0,
    "standard": 90.0,
    "gift": 120.0,
    "complex": 180.0,
    "long_cycle": 365.0,
}
#: Days within which a click or a purchase is a sign of life, and after which silence is one.
WARM_DAYS, COLD_DAYS = 30.0, 120.0


@dataclass(frozen=True)
class Facts:
    """A person's past. Spans are days between purchases at least a day apart."""

    orders: int = 0
    spent_minor: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    spans: int = 0
    mean_span: float | None = None
    spread: float | None = None
    prior_days: float | None = None
    clicks: int = 0
    last_click_at: datetime | None = None


@dataclass(frozen=True)
class Scale:
    """Four marks cut each measure into five scores. `recency` counts days and falls: the fewer,
    the better. `top_minor` is what the top tenth has spent at least; None while the shop is too
    small to have one."""

    recency: tuple[float, ...]
    orders: tuple[float, ...]
    spent: tuple[float, ...]
    top_minor: int | None


def own_interval(facts: Facts) -> float | None:
    """Days between a person's purchases once there are three regular ones (a coefficient of
    variation up to 0.5), else None."""
    if facts.spans < ENOUGH_SPANS or not facts.mean_span:
        return None
    return facts.mean_span if (facts.spread or 0.0) <= MOST_SPREAD * facts.mean_span else None


def expected_interval(facts: Facts) -> float:
    """The person's own interval, or what is usual for what they bought."""
    return own_interval(facts) or facts.prior_days or PRIOR_DAYS["standard"]


def stage(facts: Facts, now: datetime) -> Stage:
    """Where in their life as a customer a person is; nobody who has not bought has lapsed."""
    if facts.last_order_at is None:
        return "new"
    passed = days_between(facts.last_order_at, now) / expected_interval(facts)
    if passed > AT_RISK:
        return "lapsed"
    if passed > ACTIVE:
        return "at_risk"
    return "new" if facts.orders <= 1 and passed <= 1.0 else "active"


def rfm(facts: Facts, scale: Scale, now: datetime) -> tuple[int, int, int]:
    """Recency, frequency, monetary value, each from 1 to 5; 1-1-1 without a purchase."""
    if facts.last_order_at is None or not facts.orders:
        return (1, 1, 1)
    days = days_between(facts.last_order_at, now)
    return (
        5 - bisect_left(scale.recency, days),
        1 + bisect_left(scale.orders, facts.orders),
        1 + bisect_left(scale.spent, facts.spent_minor),
    )


def engagement(facts: Facts, now: datetime) -> Engagement:
    """How much a person responds, by human clicks and purchases, never by opens: `high` who
    clicked lately or bought twice within reach, `low` who did neither for long, `unknown` who has
    had no time to."""
    if facts.first_order_at is None and not facts.clicks:
        return "unknown"
    bought = days_between(facts.last_order_at, now)
    clicked = days_between(facts.last_click_at, now)
    if clicked <= WARM_DAYS or (facts.orders >= 2 and bought <= WARM_DAYS):
        return "high"
    if min(bought, clicked) > COLD_DAYS:
        return "low"
    if not facts.clicks and facts.orders <= 1 and bought <= WARM_DAYS:
        return "unknown"
    return "normal"


def in_top_decile(spent_minor: int, scale: Scale) -> bool:
    """Whether a person is among the tenth that has spent most."""
    return scale.top_minor is not None and 0 < scale.top_minor <= spent_minor


def fifths(values: Sequence[float]) -> tuple[float, ...]:
    """The four marks that cut sorted values into fifths (nearest rank)."""
    return tuple(values[max(0, -(-len(values) * cut // 5) - 1)] for cut in range(1, 5))


def small_scale(interval_days: float, mean_order_minor: float) -> Scale:
    """The fixed marks of a shop with few customers, from its usual interval between purchases and
    its mean order."""
    return Scale(
        recency=tuple(interval_days * times for times in (0.5, 1.0, ACTIVE, AT_RISK)),
        orders=(1, 2, 3, 5),
        spent=tuple(mean_order_minor * times for times in (0.75, 1.5, 3.0, 6.0)),
        top_minor=None,
    )


def days_between(then: datetime | None, now: datetime) -> float:
    """Days since a moment, infinitely many since one that never was; the future is today."""
    if then is None:
        return float("inf")
    return max(0.0, (now - then).total_seconds() / 86_400)
