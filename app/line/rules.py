"""What people mean, and what a month's messages are spent on. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

#: LINE counts its months in Japan.
HOME = ZoneInfo("Asia/Tokyo")
#: This share of the month is kept for news of deliveries (rules.md 2.4).
KEPT_FOR_NOTICES = 0.2
WARN_AT = 0.8

#: What somebody may write or tap, and what they mean by it. The first that fits counts.
ASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "stop",
        re.compile(r"解除|停止|止め|やめ|unlink|disconnect|unsubscribe|\bstop\b", re.IGNORECASE),
    ),
    ("link", re.compile(r"連携|link|connect", re.IGNORECASE)),
    ("reorder", re.compile(r"再注文|もう一度|おかわり|reorder|order again", re.IGNORECASE)),
    (
        "status",
        re.compile(r"配送|配達|届|発送|荷物|状況|追跡|track|deliver|where|status", re.IGNORECASE),
    ),
    ("help", re.compile(r"ヘルプ|使い方|問い?合わ?せ|返品|help|contact|return", re.IGNORECASE)),
)
STARS = re.compile(r"stars:(\d+):([1-5])")


def meaning(words: str) -> str | None:
    """What a text asks for: `stop`, `link`, `reorder`, `status`, `help`; None for what is no
    question to a machine: a person of the shop reads it."""
    plain = unicodedata.normalize("NFKC", words).strip()
    return next((about for about, pattern in ASKS if pattern.search(plain)), None)


def stars_of(data: str) -> tuple[int, int] | None:
    """The message and the number of stars of a tapped star; None when it is none."""
    found = STARS.fullmatch(data)
    return (int(found[1]), int(found[2])) if found else None


def month_of(moment: datetime) -> str:
    """`2026-11`: the month that LINE counts a message in."""
    return moment.astimezone(HOME).strftime("%Y-%m")


@dataclass(frozen=True)
class Purse:
    """What is left this month. `limit` is LINE's quota (None: no end), `used` what it has counted,
    `budget` and `journey_budget` the merchant's own ends (None: none), `spent` and `journey_spent`
    what we sent."""

    limit: int | None
    used: int
    budget: int | None = None
    spent: int = 0
    journey_budget: int | None = None
    journey_spent: int = 0


def refusal(purse: Purse, *, marketing: bool, priority: int) -> str | None:
    """Why a message had better go by mail: `quota`, `budget`; None when LINE may have it.

    News of deliveries and help may use everything. What sells leaves the last fifth for them, and
    within what is left the dearer message goes first: the less there is, the more a message must
    be worth (priorities are those of the arbiter, 0–100).
    """
    if purse.limit is not None and purse.used >= purse.limit:
        return "quota"
    if not marketing:
        return None
    if purse.journey_budget is not None and purse.journey_spent >= purse.journey_budget:
        return "budget"
    if purse.budget is not None and purse.spent >= purse.budget:
        return "budget"
    return None if priority >= threshold(purse) else "quota"


def threshold(purse: Purse) -> int:
    """The priority a message that sells needs: 0 while half of what it may use is left, rising to
    100 as that runs out."""
    if purse.limit is None:
        return 0
    usable = purse.limit * (1 - KEPT_FOR_NOTICES)
    left = max(0.0, usable - purse.used) / usable if usable else 0.0
    if left == 0.0:
        return 101
    return 0 if left >= 0.5 else round(100 * (0.5 - left) / 0.5)


def spent(purse: Purse) -> str | None:
    """What of the month is used up: LINE's `quota`, the merchant's `budget`, or nothing yet."""
    ends = (("quota", purse.limit, purse.used), ("budget", purse.budget, purse.spent))
    return next((name for name, end, used in ends if end is not None and used >= end), None)


def is_short(purse: Purse) -> bool:
    """Whether the merchant should hear that the month is nearly spent."""
    return purse.limit is not None and purse.used >= WARN_AT * purse.limit
