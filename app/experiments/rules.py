"""Who sees which arm, how many people it takes, and what the figures then say. Pure.

Everything is decided before the first person comes: the size by the two-proportion formula, the
end by size or date. Sources:

- size: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed., chapter 4
  (without correction for continuity; groups may differ in size);
- a difference of two shares: Newcombe, Interval estimation for the difference between independent
  proportions, Statistics in Medicine 17 (1998), method 10, from Wilson's intervals;
- a difference of two means: Welch's standard error with normal quantiles, for large groups;
- whether the lot fell as it should: Pearson's chi-square; its tail for whole degrees of freedom is
  the recurrence 26.4.8 of Abramowitz and Stegun.

Several arms are each compared with the holdout. The risk of a chance finding, 5 percent, is that of
all comparisons together (Bonferroni), for the size as for the intervals.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import msgspec

ALPHA, POWER = 0.05, 0.80
HOLDOUT = "holdout"
#: A lot that falls as unevenly as this, once in a thousand experiments, is no accident (Kohavi,
#: Tang and Xu, Trustworthy Online Controlled Experiments, chapter 21).
SUSPICIOUS = 0.001
_BUCKETS = 1 << 64


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One of the things that are compared: `share` is in percent of the people, `parts` what the
    page shows and in which order. The holdout has the key `holdout` and no parts."""

    key: str
    share: int
    parts: tuple[str, ...] = ()


def arms_of(kept: Sequence[Any]) -> list[Arm]:
    """Arms as kept on an experiment's row."""
    return msgspec.convert(list(kept), list[Arm])


# --- the lot ------------------------------------------------------------------------------------


def subject(salt: str, person: str) -> str:
    """A person's or order's name within one experiment, as `queries` has the database work it out,
    too; tells nothing to who has no salt."""
    return hashlib.sha256(f"{salt}:{person}".encode()).hexdigest()


def assigned(subject: str, arms: Sequence[Arm]) -> Arm:
    """The arm a subject belongs to, whenever and wherever that is asked. Shares add up to 100."""
    place = int(subject[:16], 16) * 100
    reached = 0
    for arm in arms:
        reached += arm.share
        if place < reached * _BUCKETS:
            return arm
    return arms[-1]


# --- how many people it takes -------------------------------------------------------------------


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)


def group_size(
    first: float, second: float, ratio: float = 1.0, alpha: float = ALPHA, power: float = POWER
) -> float:
    """How many people the first group needs so that a difference between these two shares is found
    with this power; the second has `ratio` times as many."""
    mean = (first + ratio * second) / (ratio + 1)
    chance = _quantile(1 - alpha / 2) * math.sqrt((ratio + 1) * mean * (1 - mean))
    true = _quantile(power) * math.sqrt(ratio * first * (1 - first) + second * (1 - second))
    return float((chance + true) ** 2 / (ratio * (second - first) ** 2))


def sizes(arms: Sequence[Arm], usual: float, difference: float) -> dict[str, int]:
    """How many people each arm needs, by its key, when the holdout's share is `usual` and a
    `difference` from it (both as fractions of 1) is to be found in any other arm."""
    control = next(arm for arm in arms if arm.key == HOLDOUT)
    others = [arm for arm in arms if arm.key != HOLDOUT]
    everybody = max(
        group_size(usual, usual + difference, arm.share / control.share, ALPHA / len(others))
        * 100
        / control.share
        for arm in others
    )
    return {arm.key: math.ceil(everybody * arm.share / 100) for arm in arms}


# --- what the figures say -----------------------------------------------------------------------


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm's people did within the window. Amounts are minor units of the shop's currency;
    `squares` is the sum of the squares of each person's amount."""

    people: int = 0
    buyers: int = 0
    orders: int = 0
    amount_minor: int = 0
    squares: float = 0.0
    opted_in: int = 0
    answered: int = 0

    @property
    def rate(self) -> float:
        """The share of people who ordered again."""
        return self.buyers / self.people if self.people else 0.0

    @property
    def mean_minor(self) -> float:
        """Minor units a person."""
        return self.amount_minor / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """The sample variance of a person's amount."""
        if self.people < 2:
            return 0.0
        spread = self.squares - self.people * self.mean_minor**2
        return max(spread, 0.0) / (self.people - 1)


@dataclass(frozen=True)
class Difference:
    """How much more, from what to what."""

    more: float
    least: float
    most: float

    @property
    def verdict(self) -> str:
        """`more`, `less`, or `unclear` while the interval holds nothing."""
        if self.least > 0:
            return "more"
        return "less" if self.most < 0 else "unclear"


def wilson(hits: int, people: int, z: float) -> tuple[float, float]:
    """Wilson's interval of a share."""
    share, square = hits / people, z * z
    middle = share + square / (2 * people)
    half = z * math.sqrt(share * (1 - share) / people + square / (4 * people**2))
    below = 1 + square / people
    return (middle - half) / below, (middle + half) / below


def rate_difference(arm: Tally, control: Tally, comparisons: int = 1) -> Difference | None:
    """By how much more people of an arm ordered again than of the control; None without people."""
    if not arm.people or not control.people:
        return None
    z = _quantile(1 - ALPHA / comparisons / 2)
    low, high = wilson(arm.buyers, arm.people, z)
    low_0, high_0 = wilson(control.buyers, control.people, z)
    more = arm.rate - control.rate
    down = math.hypot(arm.rate - low, high_0 - control.rate)
    up = math.hypot(high - arm.rate, control.rate - low_0)
    return Difference(more, max(more - down, -1.0), min(more + up, 1.0))


def amount_difference(arm: Tally, control: Tally, comparisons: int = 1) -> Difference | None:
    """By how many minor units more a person of an arm spent; None without people."""
    if not arm.people or not control.people:
        return None
    error = math.sqrt(arm.variance / arm.people + control.variance / control.people)
    half = _quantile(1 - ALPHA / comparisons / 2) * error
    more = arm.mean_minor - control.mean_minor
    return Difference(more, more - half, more + half)


def chance(people: Mapping[str, int], arms: Sequence[Arm]) -> float:
    """How likely a lot is that falls as unevenly as this, or more so; 1 before anybody came."""
    total = sum(people.get(arm.key, 0) for arm in arms)
    if not total:
        return 1.0
    square = sum(
        (people.get(arm.key, 0) - total * arm.share / 100) ** 2 / (total * arm.share / 100)
        for arm in arms
    )
    return chi_square_tail(square, len(arms) - 1)


def chi_square_tail(square: float, freedom: int) -> float:
    """The probability that chi-square with whole degrees of freedom exceeds a value."""
    half = square / 2
    tail, known = (math.erfc(math.sqrt(half)), 1) if freedom % 2 else (math.exp(-half), 2)
    while known < freedom:
        tail += half ** (known / 2) * math.exp(-half) / math.gamma(known / 2 + 1)
        known += 2
    return min(tail, 1.0)
