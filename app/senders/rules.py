"""How fast mail may leave and when it must stop: pure decisions (rules.md EM-8, ruling 19).

Rates are of messages that a server took in the last `WINDOW`. A rate alone is no ground: one
complaint of twenty is five percent and still one person's mood. So each step also needs a number
of people, the smallest at which chance is unlikely: were the true rate a fifth of the threshold,
two complaints at 0.10 % happen by accident in one shop of fifty, three at 0.25 % in one of forty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

WINDOW = timedelta(days=30)
#: What a shop usually sends is what it sent in these days.
LATELY = timedelta(days=7)
#: States of a DNS record that somebody has to look at.
AMISS = frozenset({"missing", "wrong"})
ALARM, SLOW, STOP = "alarm", "slow", "stop"
COMPLAINTS, UNSUBSCRIBES, BOUNCES = "complaints", "unsubscribes", "bounces"

#: A new domain's marketing messages: this many on the first day, a third more every day (what
#: large mailboxes ask for: growth they can watch), free after four weeks.
WARM_UP_DAYS = 28
WARM_UP_FIRST = 50
WARM_UP_GROWTH = Fraction(13, 10)
#: Slowed marketing goes on at half its usual pace, but never below what a small shop sends.
SLOW_AT_LEAST = 20


@dataclass(frozen=True)
class Threshold:
    """From this rate on, and from this many people, sending is at `level`."""

    measure: str
    level: str
    rate: Fraction
    people: int


THRESHOLDS = (
    Threshold(COMPLAINTS, STOP, Fraction(25, 10_000), 3),
    Threshold(COMPLAINTS, SLOW, Fraction(10, 10_000), 2),
    Threshold(UNSUBSCRIBES, STOP, Fraction(2, 100), 5),
    Threshold(UNSUBSCRIBES, ALARM, Fraction(5, 1000), 3),
    Threshold(BOUNCES, ALARM, Fraction(5, 100), 5),
)


@dataclass(frozen=True)
class Figures:
    """Messages taken by a server, and how people and mailboxes answered."""

    sent: int = 0
    delivered: int = 0
    hard_bounces: int = 0
    soft_bounces: int = 0
    complaints: int = 0
    unsubscribes: int = 0

    def count(self, measure: str) -> int:
        """How many of a measure."""
        counts = {
            COMPLAINTS: self.complaints,
            UNSUBSCRIBES: self.unsubscribes,
            BOUNCES: self.hard_bounces,
        }
        return counts[measure]

    def rate(self, measure: str) -> Fraction:
        """The measure's share of what was sent; 0 of nothing."""
        return Fraction(self.count(measure), self.sent) if self.sent else Fraction(0)


def level(figures: Figures, measure: str) -> str | None:
    """What a measure asks for now: `stop`, `slow`, `alarm` or None."""
    for threshold in THRESHOLDS:
        if (
            threshold.measure == measure
            and figures.count(measure) >= threshold.people
            and figures.rate(measure) >= threshold.rate
        ):
            return threshold.level
    return None


def warm_up_limit(day: int) -> int | None:
    """Marketing messages allowed on the `day`-th day (1 is the first) of a new domain; None when it
    is warm."""
    if day > WARM_UP_DAYS:
        return None
    return int(WARM_UP_FIRST * WARM_UP_GROWTH ** (max(day, 1) - 1))


def warm_up_day(since: date | None, today: date) -> int:
    """Which day of the warm-up `today` is; the first while nothing has left yet."""
    return 1 if since is None else max((today - since).days + 1, 1)


def slow_limit(sent_by_day: list[int]) -> int:
    """Marketing messages a day while slowed: half of the mean of the days on which any left."""
    days = [sent for sent in sent_by_day if sent]
    mean = sum(days) / len(days) if days else 0
    return max(SLOW_AT_LEAST, int(mean / 2))


def gone(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """The purposes of the DNS records that were found at the look before and are missing or wrong
    now. A name server that did not answer says nothing."""
    found = {(one.get("purpose"), one.get("name")) for one in before if one.get("state") == "found"}
    amiss = [
        str(one.get("purpose", ""))
        for one in after
        if one.get("state") in AMISS and (one.get("purpose"), one.get("name")) in found
    ]
    return list(dict.fromkeys(amiss))
